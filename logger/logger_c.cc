#include "logger/logger_c.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/str.h"
#include "logger/logger.h"

using spirogram::logger::Counters;
using spirogram::logger::EmbeddingMetadata;
using spirogram::logger::EndStatus;
using spirogram::logger::EntityStats;
using spirogram::logger::HparamValue;
using spirogram::logger::Logger;
using spirogram::logger::LoggerOptions;
using spirogram::logger::ProfileSlice;
using spirogram::logger::UploadStatus;

struct spirogram_logger {
  std::unique_ptr<Logger> logger;
  std::atomic<uint64_t> dropped{0};  // here, before the logger saw them
  std::atomic<bool> was_drop_told{false};

  void Drop(const char* why) {
    dropped.fetch_add(1, std::memory_order_relaxed);
    if (was_drop_told.exchange(true, std::memory_order_relaxed)) return;
    spirogram::LogWarning(spirogram::StrCat(
        "logger: ", why, "; this and every other bad call is dropped and counted"));
  }
};

namespace {

std::string_view View(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

// No exception leaves: C has none.
template <typename Call>
void Guard(spirogram_logger* logger, const Call& call) noexcept {
  if (logger == nullptr) return;
  try {
    call(*logger->logger);
  } catch (const std::exception&) {  // no memory for a copy
    logger->dropped.fetch_add(1, std::memory_order_relaxed);
  }
}

// Guard, where the arrays of the call are there; else says what is missing.
template <typename Call>
void GuardArrays(spirogram_logger* logger, bool are_there, const char* missing,
                 const Call& call) noexcept {
  if (are_there) return Guard(logger, call);
  if (logger != nullptr) logger->Drop(missing);
}

bool IsThere(const void* array, size_t count) {
  return array != nullptr || count == 0;
}

std::vector<std::string> Texts(const char* const* texts, size_t count) {
  std::vector<std::string> copies;
  copies.reserve(count);
  for (size_t i = 0; i < count; ++i) copies.emplace_back(View(texts[i]));
  return copies;
}

EmbeddingMetadata MetadataOf(const spirogram_metadata& metadata, size_t rows) {
  EmbeddingMetadata copy;
  copy.columns = Texts(metadata.columns, metadata.column_count);
  for (size_t column = 0; column < metadata.column_count; ++column) {
    copy.values.push_back(Texts(metadata.cells + column * rows, rows));
  }
  return copy;
}

bool AreThere(const spirogram_entity_stats& stats) {
  return IsThere(stats.columns, stats.column_count) && IsThere(stats.values, stats.column_count) &&
         IsThere(stats.attribute_names, stats.attribute_count) &&
         IsThere(stats.attribute_values, stats.attribute_count);
}

EntityStats StatsOf(const spirogram_entity_stats& stats) {
  EntityStats copy;
  copy.entity =
      stats.entity == SPIROGRAM_ENTITY_ROW ? EntityStats::Entity::kRow : EntityStats::Entity::kUnit;
  copy.first_step = stats.first_step;
  copy.samples = stats.samples;
  copy.columns = Texts(stats.columns, stats.column_count);
  for (size_t column = 0; column < stats.column_count; ++column) {
    const float* values = stats.values + column * stats.entity_count;
    copy.values.emplace_back(values, values + stats.entity_count);
  }
  for (size_t i = 0; i < stats.attribute_count; ++i) {
    copy.attributes.emplace_back(View(stats.attribute_names[i]), View(stats.attribute_values[i]));
  }
  return copy;
}

HparamValue HparamOf(const spirogram_hparam& hparam) {
  switch (hparam.type) {
    case SPIROGRAM_HPARAM_TEXT:
      return std::string(View(hparam.text));
    case SPIROGRAM_HPARAM_BOOL:
      return hparam.number != 0;
    default:
      return hparam.number;
  }
}

ProfileSlice SliceOf(const spirogram_profile_slice& slice) {
  using Kind = ProfileSlice::Kind;
  constexpr int32_t kLast = SPIROGRAM_SLICE_CALL;
  const int32_t kind = slice.kind >= 0 && slice.kind <= kLast ? slice.kind : SPIROGRAM_SLICE_PHASE;
  return {.kind = static_cast<Kind>(kind),
          .name = std::string(View(slice.name)),
          .start_ns = slice.start_ns,
          .duration_ns = slice.duration_ns,
          .step = slice.step,
          .correlation_id = slice.correlation_id,
          .stream = slice.stream};
}

// Programs that were compiled with an older header have a shorter struct: what it lacks is 0.
template <typename T>
T Whole(const T& given) {
  T whole{};
  std::memcpy(&whole, &given, std::min(given.size, sizeof whole));
  return whole;
}

LoggerOptions OptionsOf(const spirogram_logger_options& given) {
  LoggerOptions options;
  options.run_dir = View(given.run_dir);
  options.url = View(given.url);
  options.run = View(given.run);
  options.spool_dir = View(given.spool_dir);
  if (given.spool_bytes_max > 0) options.spool_bytes_max = given.spool_bytes_max;
  if (given.close_timeout_ms != 0) options.close_timeout_ms = std::max(given.close_timeout_ms, 0);
  if (given.flush_interval_ms > 0) options.flush_interval_ms = given.flush_interval_ms;
  if (given.queue_items_max > 0) options.queue_items_max = given.queue_items_max;
  if (given.system_interval_ms > 0) options.system_interval_ms = given.system_interval_ms;
  if (given.queue_bytes_max > 0) options.queue_bytes_max = given.queue_bytes_max;
  return options;
}

void CopyText(const std::string& from, char* to, size_t to_size) {
  if (to == nullptr || to_size == 0) return;
  const size_t length = std::min(from.size(), to_size - 1);
  std::memcpy(to, from.data(), length);
  to[length] = 0;
}

}  // namespace

spirogram_logger* spirogram_logger_open(const spirogram_logger_options* options) {
  try {
    if (options == nullptr || options->size == 0) {
      spirogram::LogWarning(
          "logger: spirogram_logger_open wants options whose size is "
          "sizeof(spirogram_logger_options); nothing is logged");
      return nullptr;
    }
    auto opened = std::make_unique<spirogram_logger>();
    opened->logger = Logger::Open(OptionsOf(Whole(*options)));
    return opened.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

void spirogram_logger_close(spirogram_logger* logger) {
  delete logger;
}

void spirogram_logger_scalar(spirogram_logger* logger, const char* tag, int64_t step,
                             double value) {
  Guard(logger, [&](Logger& to) { to.Scalar(View(tag), step, value); });
}

void spirogram_logger_histogram(spirogram_logger* logger, const char* tag, int64_t step,
                                const float* values, size_t count) {
  GuardArrays(logger, IsThere(values, count), "the values of a histogram are NULL",
              [&](Logger& to) {
                to.Histogram(View(tag), step, {values, count});
              });
}

void spirogram_logger_text(spirogram_logger* logger, const char* tag, int64_t step,
                           const char* markdown) {
  Guard(logger, [&](Logger& to) { to.Text(View(tag), step, View(markdown)); });
}

void spirogram_logger_image(spirogram_logger* logger, const char* tag, int64_t step,
                            const uint8_t* pixels, int32_t width, int32_t height,
                            int32_t channels) {
  const bool is_image = width > 0 && height > 0 && channels > 0 && channels <= 4;
  const size_t samples = is_image ? static_cast<size_t>(width) * static_cast<size_t>(height) *
                                        static_cast<size_t>(channels)
                                  : 0;  // which the logger refuses
  GuardArrays(logger, IsThere(pixels, samples), "the pixels of an image are NULL", [&](Logger& to) {
    to.Image(View(tag), step, {pixels, samples}, width, height, channels);
  });
}

void spirogram_logger_embedding(spirogram_logger* logger, const char* tag, int64_t step,
                                const float* values, int64_t rows, int64_t dims,
                                const spirogram_metadata* metadata) {
  const bool is_matrix = rows > 0 && dims > 0 && rows <= INT64_MAX / 8 / dims;
  const auto count = is_matrix ? static_cast<size_t>(rows * dims) : 0;  // 0 the logger refuses
  const bool has_cells =
      metadata == nullptr || (IsThere(metadata->columns, metadata->column_count) &&
                              IsThere(metadata->cells, metadata->column_count));
  GuardArrays(logger, IsThere(values, count) && has_cells,
              "the values or the metadata of an embedding are NULL", [&](Logger& to) {
                if (metadata == nullptr || !is_matrix) {
                  return to.Embedding(View(tag), step, {values, count}, rows, dims, nullptr);
                }
                const auto copy = MetadataOf(*metadata, static_cast<size_t>(rows));
                to.Embedding(View(tag), step, {values, count}, rows, dims, &copy);
              });
}

void spirogram_logger_stats(spirogram_logger* logger, const char* tag, int64_t step,
                            const spirogram_entity_stats* stats) {
  const bool is_there = stats != nullptr && AreThere(Whole(*stats));
  GuardArrays(logger, is_there, "entity stats or an array of them are NULL",
              [&](Logger& to) { to.Stats(View(tag), step, StatsOf(Whole(*stats))); });
}

void spirogram_logger_hparams(spirogram_logger* logger, const spirogram_hparam* hparams,
                              size_t count) {
  GuardArrays(logger, IsThere(hparams, count), "hyperparameters are NULL", [&](Logger& to) {
    std::vector<std::pair<std::string, HparamValue>> copies;
    for (size_t i = 0; i < count; ++i) {
      copies.emplace_back(View(hparams[i].name), HparamOf(hparams[i]));
    }
    to.Hparams(copies);
  });
}

void spirogram_logger_profile(spirogram_logger* logger, const spirogram_profile_slice* slices,
                              size_t count) {
  GuardArrays(logger, IsThere(slices, count), "the slices of a profile are NULL", [&](Logger& to) {
    std::vector<ProfileSlice> copies(count);
    std::transform(slices, slices + count, copies.begin(), SliceOf);
    to.Profile(std::move(copies));
  });
}

void spirogram_logger_profile_note(spirogram_logger* logger, const char* line) {
  Guard(logger, [&](Logger& to) { to.ProfileNote(View(line)); });
}

void spirogram_logger_end(spirogram_logger* logger, int32_t status) {
  Guard(logger, [&](Logger& to) {
    switch (status) {
      case SPIROGRAM_END_SUCCESS:
        return to.End(EndStatus::kSuccess);
      case SPIROGRAM_END_FAILURE:
        return to.End(EndStatus::kFailure);
      default:
        return to.End(EndStatus::kInterrupted);
    }
  });
}

void spirogram_logger_flush(spirogram_logger* logger) {
  Guard(logger, [](Logger& to) { to.Flush(); });
}

void spirogram_logger_get_counters(spirogram_logger* logger, spirogram_logger_counters* counters) {
  if (counters == nullptr) return;
  spirogram_logger_counters all{};
  all.size = counters->size;
  Guard(logger, [&](Logger& from) {
    const Counters counted = from.GetCounters();
    all.logged = counted.logged;
    all.dropped = counted.dropped + logger->dropped.load(std::memory_order_relaxed);
    all.written_bytes = counted.written_bytes;
  });
  std::memcpy(counters, &all, std::min(counters->size, sizeof all));
}

uint64_t spirogram_logger_wait_for_upload(spirogram_logger* logger, int32_t timeout_ms,
                                          char* failure, size_t failure_size) {
  UploadStatus status;
  Guard(logger, [&](Logger& to) { status = to.WaitForUpload(timeout_ms); });
  CopyText(status.failure, failure, failure_size);
  return status.waiting_bytes;
}
