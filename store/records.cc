#include "store/records.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/str.h"
#include "store/blob_codec.h"
#include "store/borrowed.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

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

}  // namespace

Result<std::vector<RecordRef>> SelectAllRecords(Database& database, RunId run, int64_t tag_id) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT session_id, position, item, step, wall_time, width, height, "
                       "bytes FROM records WHERE run_id = ?1 AND tag_id = ?2 "
                       "ORDER BY session_id, position, item"));
  select.Bind(run, tag_id);
  std::vector<RecordRef> records;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return records;
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
}

Result<std::vector<RecordRef>> SelectRecords(Database& database, RunId run, int64_t tag_id) {
  ASSIGN_OR_RETURN(std::vector<RecordRef> records, SelectAllRecords(database, run, tag_id));
  RETURN_IF_ERROR(DropSuperseded(database, run, &records));
  std::erase_if(records, [](const RecordRef& record) { return record.item == kNoItem; });
  std::stable_sort(records.begin(), records.end(),
                   [](const RecordRef& a, const RecordRef& b) { return a.step < b.step; });
  return records;
}

Result<std::vector<RecordRef>> SelectRecords(Database& database, RunId run, const std::string& tag,
                                             DataKind kind, Step from) {
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, tag, kind));
  ASSIGN_OR_RETURN(std::vector<RecordRef> records, SelectRecords(database, run, key.id));
  // Only now: which of them the restart rule hides hangs on all steps of each session.
  std::erase_if(records, [from](const RecordRef& record) { return record.step < from; });
  return records;
}

Result<std::string> SelectContent(Database& database, const RecordRef& record) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT data FROM records WHERE run_id = ?1 AND tag_id = ?2 "
                                    "AND session_id = ?3 AND position = ?4 AND item = ?5"));
  select.Bind(record.run, record.tag_id, record.session_id, record.position, record.item);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return Corruption(StrCat("run ", record.run, " lacks record ", record.position));
  return ContentOf(database, record, select.Bytes(0));
}

Result<std::string> ContentOf(Database& database, const RecordRef& record, std::string_view data) {
  if (!data.empty()) return UnpackBlob(data);
  return SelectBorrowed(database, record.run, record.session_id, record.position, record.item);
}

Result<std::string> SelectDetails(Database& database, const RecordRef& record) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT details FROM record_details WHERE run_id = ?1 AND "
                                    "tag_id = ?2 AND session_id = ?3 AND position = ?4 AND "
                                    "item = ?5"));
  select.Bind(record.run, record.tag_id, record.session_id, record.position, record.item);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  return has_row ? std::string(select.Bytes(0)) : std::string();
}

std::vector<RecordRef> Spread(const std::vector<RecordRef>& records, size_t count_max) {
  if (records.size() <= count_max) return records;
  std::vector<RecordRef> chosen;
  for (size_t i = 0; i < count_max; ++i) {
    chosen.push_back(records[i * (records.size() - 1) / (count_max - 1)]);
  }
  return chosen;
}

const RecordRef* FindRecord(const std::vector<RecordRef>& records, Step step, int item,
                            int repeat) {
  const RecordRef* found = nullptr;
  int seen = 0;
  for (const RecordRef& record : records) {
    if (record.step != step || record.item != item) continue;
    if (repeat == kNewestRepeat || repeat == seen) found = &record;
    ++seen;
  }
  return found;
}

Error NoRecord(RunId run, const std::string& tag, std::string_view what, Step step, int repeat) {
  const std::string which = repeat == kNewestRepeat ? "" : StrCat(", repeat ", repeat);
  return NotFound(
      StrCat("tag ", Quoted(tag), " of run ", run, " has no ", what, " at step ", step, which));
}

std::vector<int> RepeatsOf(const std::vector<RecordRef>& records) {
  std::map<std::pair<Step, int>, int> seen;
  std::vector<int> repeats;
  repeats.reserve(records.size());
  for (const RecordRef& record : records) repeats.push_back(seen[{record.step, record.item}]++);
  return repeats;
}

}  // namespace spirogram::store
