// A Logger that keeps what it is told, so that tests can look at it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logger/logger.h"

namespace spirogram::testing {

// Not thread-safe.
class RecordingLogger final : public logger::Logger {
 public:
  struct StatsEvent {
    Step step = 0;
    logger::EntityStats stats;
  };
  struct EmbeddingEvent {
    Step step = 0;
    int64_t rows = 0;
    int64_t dims = 0;
    std::vector<float> values;
    std::optional<logger::EmbeddingMetadata> metadata;
  };
  using Series = std::vector<std::pair<Step, double>>;

  void Scalar(std::string_view tag, Step step, double value) override {
    scalars[std::string(tag)].emplace_back(step, value);
  }
  void Histogram(std::string_view tag, Step step, std::span<const float> values) override {
    histograms[std::string(tag)].emplace_back(step, std::vector(values.begin(), values.end()));
  }
  void HistogramLater(std::string_view tag, Step step, std::vector<float> values) override {
    histograms[std::string(tag)].emplace_back(step, std::move(values));
  }
  void Text(std::string_view tag, Step, std::string_view markdown) override {
    texts[std::string(tag)].emplace_back(markdown);
  }
  void Image(std::string_view tag, Step, std::span<const uint8_t> pixels, int, int, int) override {
    images[std::string(tag)].emplace_back(pixels.begin(), pixels.end());
  }
  void Embedding(std::string_view tag, Step step, std::span<const float> values, int64_t rows,
                 int64_t dims, const logger::EmbeddingMetadata* metadata) override {
    EmbeddingEvent event{step, rows, dims, {values.begin(), values.end()}, std::nullopt};
    if (metadata != nullptr) event.metadata = *metadata;
    embeddings[std::string(tag)].push_back(std::move(event));
  }
  void Stats(std::string_view tag, Step step, logger::EntityStats event) override {
    stats[std::string(tag)].push_back({step, std::move(event)});
  }
  void Hparams(const std::vector<std::pair<std::string, logger::HparamValue>>& values) override {
    for (const auto& [name, value] : values) hparams[name] = value;
  }
  void Profile(std::vector<logger::ProfileSlice> batch) override {
    slices.insert(slices.end(), batch.begin(), batch.end());
  }
  void ProfileNote(std::string_view line) override { notes.emplace_back(line); }
  void End(logger::EndStatus status) override { end = status; }
  void Flush() override {}
  logger::Counters GetCounters() const override { return {}; }

  std::map<std::string, Series> scalars;
  std::map<std::string, std::vector<std::pair<Step, std::vector<float>>>> histograms;
  std::map<std::string, std::vector<std::string>> texts;
  std::map<std::string, std::vector<std::vector<uint8_t>>> images;
  std::map<std::string, std::vector<EmbeddingEvent>> embeddings;
  std::map<std::string, std::vector<StatsEvent>> stats;
  std::map<std::string, logger::HparamValue> hparams;
  std::vector<logger::ProfileSlice> slices;
  std::vector<std::string> notes;
  std::optional<logger::EndStatus> end;
};

}  // namespace spirogram::testing
