#include "store/run_rows.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/str.h"
#include "store/run_labels_table.h"
#include "store/run_reader.h"
#include "store/sqlite/run_tables.h"
#include "store/sqlite/statement.h"
#include "store/sub_runs.h"

namespace spirogram::store {
namespace {

// bytes_read is derived, so that it cannot disagree with the offsets.
std::string RunsSql(const std::string& note) {
  return StrCat(
      "SELECT r.run_id, r.name, r.start_time, r.last_wall_time, r.last_step, r.points, "
      "r.has_events, r.end_status, (SELECT coalesce(sum(read_offset), 0) FROM event_files f "
      "WHERE f.run_id = r.run_id), a.end_time, a.usual_gap, a.newest_session_start, a.sessions, "
      "a.torn_file, a.torn_offset, a.torn_bytes, a.bytes_on_disk, l.name, ",
      note,
      ", length(CAST(l.note AS BLOB)), l.tags, l.colour, l.is_archived, l.is_pinned, "
      "l.deleted_time, l.purge_state, l.revision FROM runs r "
      "LEFT JOIN run_activity a ON a.run_id = r.run_id "
      "LEFT JOIN run_labels l ON l.run_id = r.run_id ");
}

std::string ListSql() {
  return RunsSql(StrCat("substr(l.note, 1, ", kRunNoteExcerptCharacters, ")"));
}

constexpr char kNewestFirst[] = "ORDER BY r.start_time DESC, r.run_id DESC";

RunEvidence ReadEvidence(const Statement& row) {
  RunEvidence evidence;
  evidence.has_events = row.Int(6) != 0;
  evidence.last_wall_time = row.Real(3);
  evidence.end = static_cast<RunEnd>(row.Int(7));
  if (!row.IsNull(9)) evidence.end_time = row.Real(9);
  if (row.IsNull(10)) return evidence;
  evidence.usual_gap_s = row.Real(10);
  evidence.newest_session_start = row.Real(11);
  evidence.sessions = row.Int(12);
  evidence.torn_file = row.Text(13);
  evidence.torn_offset = static_cast<uint64_t>(row.Int(14));
  evidence.torn_bytes = static_cast<uint64_t>(row.Int(15));
  return evidence;
}

RunLabels ReadLabels(const Statement& row) {
  RunLabels labels;
  if (row.IsNull(17)) return labels;
  labels.name = row.Text(17);
  labels.note = row.Text(18);
  labels.note_bytes = static_cast<size_t>(row.Int(19));
  labels.tags = SplitTags(row.Text(20));
  labels.colour = row.Text(21);
  labels.is_archived = row.Int(22) != 0;
  labels.is_pinned = row.Int(23) != 0;
  if (!row.IsNull(24)) labels.deleted_time = row.Real(24);
  labels.purge = static_cast<PurgeState>(row.Int(25));
  labels.revision = row.Int(26);
  return labels;
}

Run ReadRunRow(const Statement& row, WallTime now) {
  Run run;
  run.id = row.Int(0);
  run.name = row.Text(1);
  run.start_time = row.Real(2);
  run.last_wall_time = row.Real(3);
  run.last_step = row.Int(4);
  run.points = row.Int(5);
  run.bytes_read = static_cast<uint64_t>(row.Int(8));
  // A database of before this was kept knows only what was read.
  run.bytes_on_disk = row.IsNull(16) ? run.bytes_read : static_cast<uint64_t>(row.Int(16));
  run.evidence = ReadEvidence(row);
  run.labels = ReadLabels(row);
  RunVerdict verdict = JudgeRun(run.evidence, now);
  run.status = verdict.status;
  run.status_reason = std::move(verdict.reason);
  return run;
}

Result<std::vector<Run>> ReadRows(Statement& select, WallTime now) {
  std::vector<Run> runs;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return runs;
    runs.push_back(ReadRunRow(select, now));
  }
}

Result<std::vector<Run>> SelectList(Database& database, const std::string& sql, WallTime now) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
  return ReadRows(select, now);
}

Result<Run> SelectRow(Database& database, RunId run, WallTime now) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare(RunsSql("l.note") + "WHERE r.run_id = ?1"));
  select.Bind(run);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(StrCat("no run with id ", run));
  return ReadRunRow(select, now);
}

// Of a silent run, its sub-runs and the run above may know more.
Status JudgeByOthers(Database& database, std::span<Run> runs) {
  if (MayJudgeJoinedRuns(runs)) {
    ASSIGN_OR_RETURN(const auto hparams, SelectHparams(database));
    JudgeJoinedRuns(hparams, runs);
  }
  JudgePartsOfRuns(runs);
  return {};
}

// The run, the nearest above it if there is one, and those in folders below.
Result<std::vector<Run>> SelectFamily(Database& database, const Run& run, WallTime now) {
  std::string top = run.name;
  for (auto above = FolderAbove(run.name); above; above = FolderAbove(*above)) {
    ASSIGN_OR_RETURN(const std::optional<RunId> id, SelectRunByName(database, *above));
    if (!id) continue;
    top = *above;
    break;
  }
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare(ListSql() + "WHERE l.deleted_time IS NULL AND (r.run_id = ?1 "
                                                "OR r.name = ?2 "
                                                "OR substr(r.name, 1, length(?3)) = ?3)"));
  const std::string folder = top == "." ? "" : top + "/";
  select.Bind(run.id, top, folder);
  return ReadRows(select, now);
}

void TakeVerdict(std::span<const Run> judged, Run* run) {
  const auto found =
      std::find_if(judged.begin(), judged.end(), [&](const Run& one) { return one.id == run->id; });
  if (found == judged.end()) return;
  run->status = found->status;
  run->status_reason = found->status_reason;
}

// Sub-runs of a silent run may be any of those that are not deleted.
Status JudgeSilentRuns(Database& database, WallTime now, std::vector<Run>* runs) {
  if (!std::any_of(runs->begin(), runs->end(), IsSilent)) return {};
  ASSIGN_OR_RETURN(const std::vector<Run> all, SelectRuns(database, now));
  for (Run& run : *runs) TakeVerdict(all, &run);
  return {};
}

}  // namespace

Result<std::vector<Run>> SelectRuns(Database& database, WallTime now) {
  ASSIGN_OR_RETURN(
      std::vector<Run> runs,
      SelectList(database, StrCat(ListSql(), "WHERE l.deleted_time IS NULL ", kNewestFirst), now));
  RETURN_IF_ERROR(JudgeByOthers(database, runs));
  return runs;
}

// Run by run: a text with the ids in it would be prepared, and kept, for every list that is asked
// for.
Result<std::vector<Run>> SelectRunsAmong(Database& database, std::span<const RunId> ids,
                                         WallTime now) {
  const std::string sql = ListSql() + "WHERE l.deleted_time IS NULL AND r.run_id = ?1";
  std::vector<Run> runs;
  for (const RunId id : std::set<RunId>(ids.begin(), ids.end())) {
    ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
    select.Bind(id);
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (has_row) runs.push_back(ReadRunRow(select, now));
  }
  const auto key = [](const Run& run) { return std::pair(run.start_time, run.id); };
  std::sort(runs.begin(), runs.end(), [&](const Run& a, const Run& b) { return key(a) > key(b); });
  RETURN_IF_ERROR(JudgeSilentRuns(database, now, &runs));
  return runs;
}

// By the index of the paths, where there is one: a name is its path but where that is not UTF-8.
Result<std::optional<RunId>> SelectRunByName(Database& database, std::string_view name) {
  constexpr const char* kConditions[] = {"path = CAST(?1 AS BLOB)", "name = ?1"};
  for (const char* condition : kConditions) {
    ASSIGN_OR_RETURN(Statement select,
                     database.Prepare(StrCat("SELECT r.run_id FROM runs r WHERE ", condition,
                                             " AND NOT EXISTS (SELECT 1 FROM run_labels l WHERE "
                                             "l.run_id = r.run_id AND l.deleted_time IS NOT NULL) ",
                                             kNewestFirst, " LIMIT 1")));
    select.Bind(name);
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (has_row) return std::optional<RunId>(select.Int(0));
  }
  return std::optional<RunId>();
}

Result<std::vector<Run>> SelectDeletedRuns(Database& database, WallTime now) {
  return SelectList(database,
                    ListSql() +
                        "WHERE l.deleted_time IS NOT NULL "
                        "ORDER BY l.deleted_time DESC, r.run_id DESC",
                    now);
}

Result<Run> SelectRun(Database& database, RunId id, WallTime now) {
  ASSIGN_OR_RETURN(Run run, SelectRow(database, id, now));
  if (!IsSilent(run)) return run;
  ASSIGN_OR_RETURN(std::vector<Run> family, SelectFamily(database, run, now));
  RETURN_IF_ERROR(JudgeByOthers(database, family));
  TakeVerdict(family, &run);
  return run;
}

Result<std::vector<Run>> SelectRunsById(Database& database, std::span<const RunId> ids,
                                        WallTime now) {
  std::vector<Run> runs;
  for (const RunId id : ids) {
    ASSIGN_OR_RETURN(Run run, SelectRow(database, id, now));
    runs.push_back(std::move(run));
  }
  RETURN_IF_ERROR(JudgeSilentRuns(database, now, &runs));
  return runs;
}

Result<std::vector<RunSize>> SelectRunSizes(Database& database) {
  constexpr int kNumberBytes = 8;
  std::map<RunId, RunSize> sizes;
  {
    ASSIGN_OR_RETURN(Statement select,
                     database.Prepare("SELECT r.run_id, coalesce(bytes_on_disk, 0) FROM runs r "
                                      "LEFT JOIN run_activity a ON a.run_id = r.run_id"));
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      sizes[select.Int(0)].disk_bytes = static_cast<uint64_t>(select.Int(1));
    }
  }
  ASSIGN_OR_RETURN(const auto tables, ListRunTables(database));
  for (const RunTable& table : tables) {
    std::string sum = StrCat("count(*) * ", table.numbers * kNumberBytes);
    for (const std::string& size : table.sizes) sum.append(StrCat(" + sum(", size, ")"));
    ASSIGN_OR_RETURN(Statement select, database.Prepare(StrCat("SELECT run_id, ", sum, " FROM ",
                                                               table.name, " GROUP BY run_id")));
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      sizes[select.Int(0)].database_bytes += static_cast<uint64_t>(select.Int(1));
    }
  }
  std::vector<RunSize> list;
  for (auto& [run, size] : sizes) {
    size.run = run;
    list.push_back(size);
  }
  return list;
}

}  // namespace spirogram::store
