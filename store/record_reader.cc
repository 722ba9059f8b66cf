#include "store/record_reader.h"

#include <optional>
#include <utility>

#include "base/str.h"
#include "store/data_compat.h"
#include "store/histogram_codec.h"
#include "store/projector_table.h"
#include "store/records.h"
#include "store/run_reader.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

EmbeddingInfo InfoOf(const RecordRef& record) {
  return {.step = record.step,
          .wall_time = record.wall_time,
          .rows = record.height,
          .dims = record.width};
}

// False when only a projector config may have it; kNotFound when the tag is of another kind.
Result<bool> IsLoggedEmbedding(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(const bool is_logged, HasLoggedTag(database, run, tag));
  if (!is_logged) {
    RETURN_IF_ERROR(CheckRun(database, run));
    return false;
  }
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, tag, DataKind::kEmbedding));
  return key.kind == DataKind::kEmbedding;
}

}  // namespace

Result<std::vector<Histogram>> SelectHistograms(Database& database, RunId run,
                                                const std::string& tag, int steps_max, Step from) {
  if (steps_max < 2) return InvalidArgument(StrCat("steps: got ", steps_max, ", want at least 2"));
  ASSIGN_OR_RETURN(const auto records,
                   SelectRecords(database, run, tag, DataKind::kHistogram, from));
  std::vector<Histogram> histograms;
  std::optional<Error> lost;
  for (const RecordRef& record : Spread(records, static_cast<size_t>(steps_max))) {
    const Result<std::string> content = SelectContent(database, record);
    if (!content.ok() && content.error().code == ErrorCode::kNotFound) {
      lost = content.error();
      continue;
    }
    if (!content.ok()) return content.error();
    ASSIGN_OR_RETURN(Histogram histogram, DecodeHistogram(*content));
    histogram.step = record.step;
    histogram.wall_time = record.wall_time;
    histograms.push_back(std::move(histogram));
  }
  if (histograms.empty() && lost) return *lost;
  return histograms;
}

Result<std::vector<ValueInfo>> SelectValueInfos(Database& database, RunId run,
                                                const std::string& tag, DataKind kind, Step from) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, kind, from));
  std::vector<ValueInfo> infos;
  infos.reserve(records.size());
  for (const RecordRef& record : records) {
    infos.push_back({record.step, record.wall_time, record.bytes});
  }
  return infos;
}

Result<std::vector<Text>> SelectTexts(Database& database, RunId run, const std::string& tag,
                                      Step from, Step to) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kText, from));
  std::vector<Text> texts;
  for (const RecordRef& record : records) {
    if (record.step > to) break;
    ASSIGN_OR_RETURN(const std::string content, SelectContent(database, record));
    ASSIGN_OR_RETURN(Text text, DecodeText(content));
    text.step = record.step;
    text.wall_time = record.wall_time;
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<ImageInfo>> SelectImages(Database& database, RunId run, const std::string& tag,
                                            Step from) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kImage, from));
  const std::vector<int> repeats = RepeatsOf(records);
  std::vector<ImageInfo> images;
  images.reserve(records.size());
  for (const RecordRef& record : records) {
    images.push_back({.step = record.step,
                      .wall_time = record.wall_time,
                      .index = record.item,
                      .repeat = repeats[images.size()],
                      .width = static_cast<int>(record.width),
                      .height = static_cast<int>(record.height),
                      .bytes = record.bytes});
  }
  return images;
}

Result<std::string> SelectImageBytes(Database& database, RunId run, const std::string& tag,
                                     Step step, int index, int repeat) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kImage));
  const RecordRef* record = FindRecord(records, step, index, repeat);
  if (record == nullptr) {
    return NoRecord(run, tag, StrCat("image ", index), step, repeat);
  }
  return SelectContent(database, *record);
}

// Older databases took in rows of no numbers: they are left out.
Result<std::vector<EmbeddingInfo>> SelectEmbeddings(Database& database, RunId run,
                                                    const std::string& tag) {
  ASSIGN_OR_RETURN(const bool is_logged, IsLoggedEmbedding(database, run, tag));
  if (!is_logged) return SelectProjectorEmbeddings(database, run, tag);
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kEmbedding));
  std::vector<EmbeddingInfo> embeddings;
  embeddings.reserve(records.size());
  for (const RecordRef& record : records) {
    if (record.width > 0) embeddings.push_back(InfoOf(record));
  }
  return embeddings;
}

Result<Embedding> SelectEmbedding(Database& database, RunId run, const std::string& tag,
                                  Step step) {
  ASSIGN_OR_RETURN(const bool is_logged, IsLoggedEmbedding(database, run, tag));
  if (!is_logged) return SelectProjectorEmbedding(database, run, tag, step);
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kEmbedding));
  const RecordRef* record = FindRecord(records, step, 0);
  if (record == nullptr || record->width < 1) {
    return NotFound(StrCat("embedding ", Quoted(tag), " of run ", run, " has no step ", step));
  }
  ASSIGN_OR_RETURN(const std::string content, SelectContent(database, *record));
  Embedding embedding{InfoOf(*record), {}};
  ASSIGN_OR_RETURN(embedding.values, DecodeEmbeddingValues(content));
  return embedding;
}

Result<EmbeddingMetadata> SelectEmbeddingMetadata(Database& database, RunId run,
                                                  const std::string& tag) {
  ASSIGN_OR_RETURN(const bool is_logged, IsLoggedEmbedding(database, run, tag));
  if (!is_logged) return SelectProjectorMetadata(database, run, tag);
  const Result<TagKey> key = FindTagKey(database, run, tag + "/metadata", std::nullopt);
  if (!key.ok() && key.error().code != ErrorCode::kNotFound) return key.error();
  if (!key.ok() || key->plugin != kEmbeddingMetadataPlugin) return EmbeddingMetadata();
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, key->id));
  if (records.empty()) return EmbeddingMetadata();
  ASSIGN_OR_RETURN(const std::string content, SelectContent(database, records.back()));
  return DecodeEmbeddingMetadata(content);
}

Result<std::vector<EntityStats>> SelectEntityStats(Database& database, RunId run,
                                                   const std::string& tag, Step after_step) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kEntityStats));
  std::vector<EntityStats> windows;
  for (const RecordRef& record : records) {
    if (record.step <= after_step) continue;
    ASSIGN_OR_RETURN(const std::string content, SelectContent(database, record));
    ASSIGN_OR_RETURN(EntityStats stats, DecodeEntityStats(content));
    stats.step = record.step;
    stats.wall_time = record.wall_time;
    windows.push_back(std::move(stats));
  }
  return windows;
}

}  // namespace spirogram::store
