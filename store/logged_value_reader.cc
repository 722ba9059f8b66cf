#include "store/logged_value_reader.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/str.h"
#include "store/data_compat.h"
#include "store/hparams_content.h"
#include "store/profile_codec.h"
#include "store/profile_reader.h"
#include "store/records.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/value_encoder.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

constexpr size_t kSlicesPerEvent = 512;  // as the logger cuts them

Result<TagMeta> SelectTagMeta(Database& database, RunId run, const std::string& name) {
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, name, std::nullopt));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT display_name, description, content, first_step "
                                    "FROM tags WHERE run_id = ?1 AND tag_id = ?2"));
  select.Bind(run, key.id);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return Internal(StrCat("tag ", key.id, " of run ", run, " went in a snapshot"));
  return TagMeta{.id = key.id,
                 .name = name,
                 .kind = key.kind,
                 .plugin = key.plugin,
                 .display_name = std::string(select.Text(0)),
                 .description = std::string(select.Text(1)),
                 .content = std::string(select.Bytes(2)),
                 .first_step = select.Int(3)};
}

// By session, the step from which on nothing of it is visible. `sql` selects each session's lowest
// step, from a table with ?1 the run and ?2 the tag.
Result<std::map<int64_t, std::optional<Step>>> SelectCutoffs(Database& database, RunId run,
                                                             int64_t tag_id, const char* sql) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
  select.Bind(run, tag_id);
  std::vector<SessionPart> parts;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    parts.push_back({select.Int(0), select.Int(1)});
  }
  ASSIGN_OR_RETURN(const std::vector<Session> sessions, SelectSessions(database, run));
  const std::vector<std::optional<Step>> cutoffs = GetCutoffs(sessions, parts);
  std::map<int64_t, std::optional<Step>> by_session;
  for (size_t i = 0; i < parts.size(); ++i) by_session[parts[i].session_id] = cutoffs[i];
  return by_session;
}

Result<std::vector<StoredItem>> SelectItems(Database& database, RunId run, int64_t tag_id,
                                            const SeriesPosition& at) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT width, height, data, details, item FROM records "
                                    "LEFT JOIN record_details "
                                    "USING (run_id, tag_id, session_id, position, item) "
                                    "WHERE run_id = ?1 AND tag_id = ?2 AND session_id = ?3 "
                                    "AND position = ?4 ORDER BY item"));
  select.Bind(run, tag_id, at.session, at.index);
  std::vector<StoredItem> items;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return items;
    StoredItem& item = items.emplace_back();
    item.width = select.Int(0);
    item.height = select.Int(1);
    const RecordRef record{.run = run,
                           .tag_id = tag_id,
                           .session_id = at.session,
                           .position = at.index,
                           .item = static_cast<int>(select.Int(4))};
    ASSIGN_OR_RETURN(item.content, ContentOf(database, record, select.Bytes(2)));
    item.details = select.Bytes(3);
    item.is_none = record.item == kNoItem;
  }
}

Result<LoggedValuesChunk> SelectRecordValues(Database& database, const LoggedValuesQuery& query,
                                             const TagMeta& tag) {
  ASSIGN_OR_RETURN(const auto cutoffs,
                   SelectCutoffs(database, query.run, tag.id,
                                 "SELECT session_id, min(step) FROM records WHERE run_id = ?1 "
                                 "AND tag_id = ?2 GROUP BY session_id"));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT step, session_id, position, wall_time FROM records "
                                    "WHERE run_id = ?1 AND tag_id = ?2 AND item <= 0 "
                                    "AND step >= ?3 AND step <= ?4 "
                                    "ORDER BY step, session_id, position"));
  const Step from = query.after ? std::max(query.from, query.after->step) : query.from;
  select.Bind(query.run, tag.id, from, query.to);
  LoggedValuesChunk chunk;
  for (size_t bytes = 0; bytes < query.bytes_max;) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    chunk.is_end = !has_row;
    if (!has_row) return chunk;
    const SeriesPosition at{select.Int(0), select.Int(1), select.Int(2)};
    const std::optional<Step> cutoff = cutoffs.at(at.session);
    if ((query.after && at <= *query.after) || (cutoff && at.step >= *cutoff)) continue;
    chunk.last = at;
    const auto items = SelectItems(database, query.run, tag.id, at);
    if (!items.ok() && items.error().code == ErrorCode::kNotFound) continue;  // lost with its file
    if (!items.ok()) return items.error();
    ASSIGN_OR_RETURN(std::string value, EncodeRecordValue(tag, *items));
    bytes += value.size();
    chunk.values.push_back({at.step, select.Real(3), std::move(value)});
  }
  return chunk;
}

// Appends the visible slices of a chunk as events.
void AppendSlices(const TagMeta& tag, const ProfileSlices& slices, LoggedValuesChunk* chunk,
                  size_t* bytes) {
  for (size_t from = 0; from < slices.size(); from += kSlicesPerEvent) {
    const size_t count = std::min(kSlicesPerEvent, slices.size() - from);
    std::string value = EncodeProfileValue(tag, slices, from, count);
    *bytes += value.size();
    // The time of the event itself is not kept: that of its last slice is close to it.
    const WallTime wall_time = static_cast<double>(slices.start_ns[from + count - 1]) * 1e-9;
    chunk->values.push_back({slices.step[from + count - 1], wall_time, std::move(value)});
  }
}

Result<LoggedValuesChunk> SelectSliceValues(Database& database, const LoggedValuesQuery& query,
                                            const TagMeta& tag) {
  ASSIGN_OR_RETURN(const auto cutoffs,
                   SelectCutoffs(database, query.run, tag.id,
                                 "SELECT session_id, min(min_step) FROM profile_chunks "
                                 "WHERE run_id = ?1 AND ?2 = ?2 GROUP BY session_id"));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, SelectProfileNames(database, query.run));
  // A live run joins its chunks as it goes on: what stays as it is is how many slices of its
  // session lie before one.
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT session_id, count, data FROM profile_chunks "
                                    "WHERE run_id = ?1 AND session_id >= ?2 "
                                    "ORDER BY session_id, position"));
  const SeriesPosition after = query.after.value_or(SeriesPosition{0, -1, 0});
  select.Bind(query.run, after.session);
  LoggedValuesChunk chunk;
  SeriesPosition at{0, after.session, 0};
  for (size_t bytes = 0; bytes < query.bytes_max;) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    chunk.is_end = !has_row;
    if (!has_row) return chunk;
    if (select.Int(0) != at.session) at = {0, select.Int(0), 0};
    const int64_t first = at.index;
    at.index += select.Int(1);
    if (at <= after) continue;
    const std::optional<Step> cutoff = cutoffs.at(at.session);
    ProfileSlices all;
    RETURN_IF_ERROR(DecodeProfileChunk(select.Bytes(2), &all));
    ProfileSlices visible;
    visible.names = names;
    const int64_t known = at.session == after.session ? std::max(first, after.index) - first : 0;
    for (auto i = static_cast<size_t>(known); i < all.size(); ++i) {
      const Step step = all.step[i];
      if (step < query.from || step > query.to || (cutoff && step >= *cutoff)) continue;
      if (all.name[i] >= names.size()) {
        return Corruption(StrCat("profile of run ", query.run, ": no name ", all.name[i]));
      }
      AppendSlice(all, i, all.name[i], &visible);
    }
    AppendSlices(tag, visible, &chunk, &bytes);
    chunk.last = at;
  }
  return chunk;
}

Result<LoggedValuesChunk> SelectNoteValues(Database& database, const LoggedValuesQuery& query,
                                           const TagMeta& tag) {
  LoggedValuesChunk chunk;
  chunk.is_end = true;
  ASSIGN_OR_RETURN(const auto notes, SelectProfileNotes(database, query.run));
  for (const ProfileNote& note : notes) {
    chunk.values.push_back({tag.first_step, note.wall_time, EncodeNoteValue(tag, note)});
  }
  return chunk;
}

// What the run stated last where the tag has what it stated first: a run that goes on after a
// restart may state another group, experiment or end.
Result<std::string> SelectLastStatement(Database& database, RunId run, const TagMeta& tag) {
  const Result<HparamsMessage> first = ParseHparamsMessage(tag.content);
  if (!first.ok()) return tag.content;
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT content FROM hparams_messages WHERE run_id = ?1 "
                                    "ORDER BY wall_time DESC, session_id DESC, position DESC"));
  select.Bind(run);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tag.content;
    ASSIGN_OR_RETURN(const HparamsMessage message, ParseHparamsMessage(select.Bytes(0)));
    if (HasSameParts(message, *first)) return std::string(select.Bytes(0));
  }
}

Result<LoggedValuesChunk> SelectHparamsValues(Database& database, const LoggedValuesQuery& query,
                                              TagMeta tag) {
  Hparams hparams;
  ASSIGN_OR_RETURN(std::vector<RunHparams> runs, SelectHparams(database));
  for (RunHparams& run : runs) {
    if (run.run == query.run) hparams = std::move(run.hparams);
  }
  ASSIGN_OR_RETURN(tag.content, SelectLastStatement(database, query.run, tag));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT start_time, last_wall_time, end_status FROM runs "
                                    "WHERE run_id = ?1"));
  select.Bind(query.run);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(StrCat("no run with id ", query.run));
  // An end that was taken back is said at the start, before what took it back: the newest word
  // counts.
  const auto run_end = static_cast<RunEnd>(select.Int(2));
  const bool is_end = tag.name == kSessionEndTag && IsSessionEnd(run_end);
  LoggedValuesChunk chunk;
  chunk.is_end = true;
  chunk.values.push_back(
      {tag.first_step, select.Real(is_end ? 1 : 0), EncodeHparamsValue(tag, hparams, run_end)});
  return chunk;
}

}  // namespace

Result<LoggedValuesChunk> SelectLoggedValues(Database& database, const LoggedValuesQuery& query) {
  ASSIGN_OR_RETURN(const TagMeta tag, SelectTagMeta(database, query.run, query.tag));
  switch (tag.kind) {
    case DataKind::kScalar:
      return InvalidArgument(StrCat("tag ", Quoted(query.tag), " is a scalar: read its points"));
    case DataKind::kHparams:
      return SelectHparamsValues(database, query, tag);
    case DataKind::kProfile:
      return tag.plugin == kProfileNotePlugin ? SelectNoteValues(database, query, tag)
                                              : SelectSliceValues(database, query, tag);
    default:
      return SelectRecordValues(database, query, tag);
  }
}

}  // namespace spirogram::store
