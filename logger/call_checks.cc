#include "logger/call_checks.h"

#include "base/str.h"

namespace spirogram::logger {
namespace {

Status CheckMetadata(const EmbeddingMetadata& metadata, int64_t rows) {
  if (metadata.columns.size() != metadata.values.size()) {
    return InvalidArgument(StrCat("metadata has ", metadata.columns.size(), " column names and ",
                                  metadata.values.size(), " columns"));
  }
  for (const auto& column : metadata.values) {
    if (column.size() != static_cast<size_t>(rows)) {
      return InvalidArgument(
          StrCat("a metadata column has ", column.size(), " texts, want ", rows));
    }
  }
  return {};
}

}  // namespace

size_t StringBytes(const std::vector<std::string>& texts) {
  size_t bytes = 0;
  for (const std::string& text : texts) bytes += sizeof(std::string) + text.size();
  return bytes;
}

size_t MetadataBytes(const EmbeddingMetadata& metadata) {
  size_t bytes = StringBytes(metadata.columns);
  for (const auto& column : metadata.values) bytes += StringBytes(column);
  return bytes;
}

Status CheckEmbedding(std::span<const float> values, int64_t rows, int64_t dims,
                      const EmbeddingMetadata* metadata) {
  const bool fits = rows > 0 && dims > 0 &&
                    values.size() / static_cast<size_t>(dims) == static_cast<size_t>(rows) &&
                    values.size() % static_cast<size_t>(dims) == 0;
  if (!fits) {
    return InvalidArgument(StrCat("got ", values.size(), " values, want ", rows, " x ", dims));
  }
  return metadata != nullptr ? CheckMetadata(*metadata, rows) : Status();
}

Status CheckImage(std::span<const uint8_t> pixels, int width, int height, int channels) {
  const bool has_known_channels = channels == 1 || channels == 3 || channels == 4;
  const bool fits = width > 0 && height > 0 && has_known_channels &&
                    pixels.size() / static_cast<size_t>(channels) ==
                        static_cast<size_t>(width) * static_cast<size_t>(height) &&
                    pixels.size() % static_cast<size_t>(channels) == 0;
  if (fits) return {};
  return InvalidArgument(StrCat("got ", pixels.size(), " samples, want ", width, " x ", height,
                                " x ", channels, " with 1, 3 or 4 channels"));
}

Status CheckStats(const EntityStats& stats) {
  if (stats.columns.empty() || stats.columns.size() != stats.values.size()) {
    return InvalidArgument(StrCat("entity stats have ", stats.columns.size(), " column names and ",
                                  stats.values.size(), " columns"));
  }
  for (const auto& column : stats.values) {
    if (column.empty() || column.size() != stats.values[0].size()) {
      return InvalidArgument(StrCat("a column of entity stats has ", column.size(),
                                    " values, want ", stats.values[0].size(), ", at least 1"));
    }
  }
  return {};
}

}  // namespace spirogram::logger
