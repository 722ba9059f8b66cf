#include "store/run_labels_table.h"

#include <limits>
#include <string_view>
#include <utility>

#include "base/str.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/upsert.h"

namespace spirogram::store {
namespace {

std::string JoinTags(const std::vector<std::string>& tags) {
  std::string lines;
  for (const std::string& tag : tags) lines.append(lines.empty() ? "" : "\n").append(tag);
  return lines;
}

Result<RunLabels> ReadLabels(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT name, note, tags, colour, is_archived, is_pinned, "
                                    "deleted_time, purge_state, revision FROM run_labels "
                                    "WHERE run_id = ?1"));
  select.Bind(run);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  RunLabels labels;
  if (!has_row) return labels;
  labels.name = select.Text(0);
  labels.note = select.Text(1);
  labels.note_bytes = labels.note.size();
  labels.tags = SplitTags(select.Text(2));
  labels.colour = select.Text(3);
  labels.is_archived = select.Int(4) != 0;
  labels.is_pinned = select.Int(5) != 0;
  if (!select.IsNull(6)) labels.deleted_time = select.Real(6);
  labels.purge = static_cast<PurgeState>(select.Int(7));
  labels.revision = select.Int(8);
  return labels;
}

Status WriteLabels(Database& database, RunId run, const RunLabels& labels) {
  ASSIGN_OR_RETURN(Statement write, database.Prepare(UpsertSql(
                                        "run_labels", {"run_id"},
                                        {"name", "note", "tags", "colour", "is_archived",
                                         "is_pinned", "deleted_time", "purge_state", "revision"})));
  // A NaN becomes NULL.
  const double deleted_time =
      labels.deleted_time.value_or(std::numeric_limits<double>::quiet_NaN());
  const std::string tags = JoinTags(labels.tags);
  return write
      .Bind(run, labels.name, labels.note, tags, labels.colour, labels.is_archived,
            labels.is_pinned, deleted_time, static_cast<int>(labels.purge), labels.revision)
      .Run();
}

// True when something changed.
Result<bool> Delete(WallTime now, RunLabels* labels) {
  if (labels->deleted_time) return false;
  labels->deleted_time = now;
  return true;
}

Result<bool> Restore(RunId run, RunLabels* labels) {
  if (!labels->deleted_time) return false;
  if (labels->purge == PurgeState::kRunning) {
    return Conflict(StrCat("the data of run ", run, " is being removed: restore it after that"));
  }
  labels->deleted_time.reset();
  labels->purge = PurgeState::kNone;
  return true;
}

Result<bool> BeginPurge(RunId run, RunLabels* labels) {
  if (!labels->deleted_time) {
    return Conflict(StrCat("run ", run, " is not deleted: delete it before its data is purged"));
  }
  if (labels->purge != PurgeState::kNone) return false;
  labels->purge = PurgeState::kRunning;
  return true;
}

Result<bool> Apply(const RunChange& change, RunId run, WallTime now, RunLabels* labels) {
  switch (change.action) {
    case RunChange::Action::kEdit:
      return ApplyEdit(change.edit, labels);
    case RunChange::Action::kDelete:
      return Delete(now, labels);
    case RunChange::Action::kRestore:
      return Restore(run, labels);
    case RunChange::Action::kPurge:
      return BeginPurge(run, labels);
  }
  return Internal("a change of runs without an action");
}

// So that they are read from their start.
Status ForgetFiles(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement remove, database.Prepare("DELETE FROM event_files WHERE run_id = ?1"));
  return remove.Bind(run).Run();
}

}  // namespace

std::vector<std::string> SplitTags(std::string_view lines) {
  std::vector<std::string> tags;
  if (lines.empty()) return tags;
  for (const std::string_view tag : Split(lines, '\n')) tags.emplace_back(tag);
  return tags;
}

Status ApplyRunChange(Database& database, const RunChange& change, WallTime now) {
  for (const RunId run : change.runs) {
    RETURN_IF_ERROR(CheckRun(database, run));
    ASSIGN_OR_RETURN(RunLabels labels, ReadLabels(database, run));
    if (change.revision && *change.revision != labels.revision) {
      return Conflict(StrCat("run ", run, " was changed meanwhile: its revision is ",
                             labels.revision, ", want ", *change.revision));
    }
    const bool was_purged = labels.purge == PurgeState::kDone;
    ASSIGN_OR_RETURN(const bool is_changed, Apply(change, run, now, &labels));
    if (!is_changed) continue;
    if (was_purged && change.action == RunChange::Action::kRestore) {
      RETURN_IF_ERROR(ForgetFiles(database, run));
    }
    ++labels.revision;
    RETURN_IF_ERROR(WriteLabels(database, run, labels));
  }
  return {};
}

Result<std::string> SelectRunPath(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT path FROM runs WHERE run_id = ?1"));
  select.Bind(run);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(StrCat("no run with id ", run));
  return std::string(select.Bytes(0));
}

Result<std::vector<RunId>> SelectPurging(Database& database) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT run_id FROM run_labels "
                                                      "WHERE purge_state = 1 ORDER BY run_id"));
  std::vector<RunId> runs;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return runs;
    runs.push_back(select.Int(0));
  }
}

Result<std::vector<RunId>> BeginPurges(Database& database, WallTime deleted_before) {
  RunChange change{.action = RunChange::Action::kPurge, .runs = {}};
  {
    ASSIGN_OR_RETURN(Statement select,
                     database.Prepare("SELECT run_id FROM run_labels WHERE purge_state = 0 "
                                      "AND deleted_time < ?1 ORDER BY run_id"));
    select.Bind(deleted_before);
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      change.runs.push_back(select.Int(0));
    }
  }
  RETURN_IF_ERROR(ApplyRunChange(database, change, deleted_before));
  return change.runs;
}

Status FinishPurge(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement reset,
                   database.Prepare("UPDATE runs SET points = 0, has_events = 0, end_status = 0 "
                                    "WHERE run_id = ?1"));
  RETURN_IF_ERROR(reset.Bind(run).Run());
  // How far each file was read stays: what comes later is told from what was removed.
  ASSIGN_OR_RETURN(Statement close, database.Prepare("UPDATE event_files SET session_id = 0 "
                                                     "WHERE run_id = ?1"));
  RETURN_IF_ERROR(close.Bind(run).Run());
  ASSIGN_OR_RETURN(RunLabels labels, ReadLabels(database, run));
  labels.purge = PurgeState::kDone;
  ++labels.revision;
  return WriteLabels(database, run, labels);
}

Result<bool> ReviveRun(Database& database, RunId run) {
  ASSIGN_OR_RETURN(RunLabels labels, ReadLabels(database, run));
  if (!labels.deleted_time || labels.purge == PurgeState::kRunning) return false;
  labels.purge = PurgeState::kNone;
  labels.deleted_time.reset();
  ++labels.revision;
  RETURN_IF_ERROR(WriteLabels(database, run, labels));
  return true;
}

Result<WallTime> SelectDeletedTime(Database& database, RunId run) {
  ASSIGN_OR_RETURN(const RunLabels labels, ReadLabels(database, run));
  return labels.deleted_time.value_or(0);
}

}  // namespace spirogram::store
