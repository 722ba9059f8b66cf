#include "store/record_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/str.h"
#include "store/blob_codec.h"
#include "store/data_compat.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/value_codec.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

struct RecordRef {
  RunId run = 0;
  int64_t tag_id = 0;
  int64_t session_id = 0;
  int64_t position = 0;
  int item = 0;
  Step step = 0;
  WallTime wall_time = 0;
  int64_t width = 0;
  int64_t height = 0;
  uint64_t bytes = 0;
};

std::vector<SessionPart> PartsOf(const std::vector<RecordRef>& records) {
  std::vector<SessionPart> parts;
  for (const RecordRef& record : records) {
    if (parts.empty() || parts.back().session_id != record.session_id) {
      parts.push_back({record.session_id, record.step});
    }
    parts.back().min_step = std::min(parts.back().min_step, record.step);
  }
  return parts;
}

// Drops what the restart rule hides. REQUIRES: records are in the order of their sessions.
Status DropSuperseded(Database& database, RunId run, std::vector<RecordRef>* records) {
  const std::vector<SessionPart> parts = PartsOf(*records);
  if (parts.empty()) return {};
  ASSIGN_OR_RETURN(const std::vector<Session> sessions, SelectSessions(database, run));
  const std::vector<std::optional<Step>> cutoffs = GetCutoffs(sessions, parts);
  size_t part = 0;
  std::erase_if(*records, [&](const RecordRef& record) {
    while (parts[part].session_id != record.session_id) ++part;
    return cutoffs[part] && record.step >= *cutoffs[part];
  });
  return {};
}

// The visible records of a tag, by step.
Result<std::vector<RecordRef>> SelectRecords(Database& database, RunId run, int64_t tag_id) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT session_id, position, item, step, wall_time, width, height, "
                       "bytes FROM records WHERE run_id = ?1 AND tag_id = ?2 "
                       "ORDER BY session_id, position, item"));
  select.Bind(run, tag_id);
  std::vector<RecordRef> records;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    records.push_back({.run = run,
                       .tag_id = tag_id,
                       .session_id = select.Int(0),
                       .position = select.Int(1),
                       .item = static_cast<int>(select.Int(2)),
                       .step = select.Int(3),
                       .wall_time = select.Real(4),
                       .width = select.Int(5),
                       .height = select.Int(6),
                       .bytes = static_cast<uint64_t>(select.Int(7))});
  }
  RETURN_IF_ERROR(DropSuperseded(database, run, &records));
  std::stable_sort(records.begin(), records.end(),
                   [](const RecordRef& a, const RecordRef& b) { return a.step < b.step; });
  return records;
}

Result<std::vector<RecordRef>> SelectRecords(Database& database, RunId run, const std::string& tag,
                                             DataKind kind) {
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, tag, kind));
  return SelectRecords(database, run, key.id);
}

Result<std::string> SelectContent(Database& database, const RecordRef& record) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT data FROM records WHERE run_id = ?1 AND tag_id = ?2 "
                                    "AND session_id = ?3 AND position = ?4 AND item = ?5"));
  select.Bind(record.run, record.tag_id, record.session_id, record.position, record.item);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return Corruption(StrCat("run ", record.run, " lacks record ", record.position));
  return UnpackBlob(select.Bytes(0));
}

// At most `count_max` records, evenly spread, first and last kept.
std::vector<RecordRef> Spread(const std::vector<RecordRef>& records, size_t count_max) {
  if (records.size() <= count_max) return records;
  std::vector<RecordRef> chosen;
  for (size_t i = 0; i < count_max; ++i) {
    chosen.push_back(records[i * (records.size() - 1) / (count_max - 1)]);
  }
  return chosen;
}

EmbeddingInfo InfoOf(const RecordRef& record) {
  return {.step = record.step,
          .wall_time = record.wall_time,
          .rows = record.height,
          .dims = record.width};
}

// The last record at the step: a repeated one takes the place of those before it.
const RecordRef* FindLast(const std::vector<RecordRef>& records, Step step, int item) {
  const RecordRef* found = nullptr;
  for (const RecordRef& record : records) {
    if (record.step == step && record.item == item) found = &record;
  }
  return found;
}

}  // namespace

Result<std::vector<Histogram>> SelectHistograms(Database& database, RunId run,
                                                const std::string& tag, int steps_max) {
  if (steps_max < 2) return InvalidArgument(StrCat("steps: got ", steps_max, ", want at least 2"));
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kHistogram));
  std::vector<Histogram> histograms;
  for (const RecordRef& record : Spread(records, static_cast<size_t>(steps_max))) {
    ASSIGN_OR_RETURN(const std::string content, SelectContent(database, record));
    ASSIGN_OR_RETURN(Histogram histogram, DecodeHistogram(content));
    histogram.step = record.step;
    histogram.wall_time = record.wall_time;
    histograms.push_back(std::move(histogram));
  }
  return histograms;
}

Result<std::vector<Text>> SelectTexts(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kText));
  std::vector<Text> texts;
  for (const RecordRef& record : records) {
    ASSIGN_OR_RETURN(const std::string content, SelectContent(database, record));
    ASSIGN_OR_RETURN(Text text, DecodeText(content));
    text.step = record.step;
    text.wall_time = record.wall_time;
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<ImageInfo>> SelectImages(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kImage));
  std::vector<ImageInfo> images;
  for (const RecordRef& record : records) {
    images.push_back({.step = record.step,
                      .wall_time = record.wall_time,
                      .index = record.item,
                      .width = static_cast<int>(record.width),
                      .height = static_cast<int>(record.height),
                      .bytes = record.bytes});
  }
  return images;
}

Result<std::string> SelectImageBytes(Database& database, RunId run, const std::string& tag,
                                     Step step, int index) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kImage));
  const RecordRef* record = FindLast(records, step, index);
  if (record == nullptr) {
    return NotFound(
        StrCat("tag \"", tag, "\" of run ", run, " has no image ", index, " at step ", step));
  }
  return SelectContent(database, *record);
}

Result<std::vector<EmbeddingInfo>> SelectEmbeddings(Database& database, RunId run,
                                                    const std::string& tag) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kEmbedding));
  std::vector<EmbeddingInfo> embeddings;
  for (const RecordRef& record : records) embeddings.push_back(InfoOf(record));
  return embeddings;
}

Result<Embedding> SelectEmbedding(Database& database, RunId run, const std::string& tag,
                                  Step step) {
  ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag, DataKind::kEmbedding));
  const RecordRef* record = FindLast(records, step, 0);
  if (record == nullptr) {
    return NotFound(StrCat("embedding \"", tag, "\" of run ", run, " has no step ", step));
  }
  ASSIGN_OR_RETURN(const std::string content, SelectContent(database, *record));
  Embedding embedding{InfoOf(*record), {}};
  ASSIGN_OR_RETURN(embedding.values, DecodeEmbeddingValues(content));
  return embedding;
}

Result<EmbeddingMetadata> SelectEmbeddingMetadata(Database& database, RunId run,
                                                  const std::string& tag) {
  ASSIGN_OR_RETURN(const TagKey embedding, FindTagKey(database, run, tag, DataKind::kEmbedding));
  static_cast<void>(embedding);
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
