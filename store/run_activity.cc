#include "store/run_activity.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/str.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/upsert.h"

namespace spirogram::store {
namespace {

WallTime LastWallTime(const RunState& run, const FileState& file) {
  WallTime last = file.session_id == 0 ? run.last_wall_time : 0;  // it has no whole event yet
  for (const SessionState& state : run.sessions) {
    if (state.file_id == file.id) last = std::max(last, state.session.last_wall_time);
  }
  return last;
}

// Of the files that the newest session does not take the place of, one that ends within a record.
const FileState* FindTornFile(const RunState& run, WallTime newest_session_start) {
  for (const auto& [name, file] : run.files) {
    if (file->tail_bytes > 0 && LastWallTime(run, *file) >= newest_session_start) return file.get();
  }
  return nullptr;
}

}  // namespace

uint64_t BytesOnDisk(const RunState& run) {
  uint64_t bytes = 0;
  for (const auto& [name, file] : run.files) bytes += file->size;
  return bytes;
}

RunEvidence EvidenceOf(const RunState& run) {
  RunEvidence evidence{.has_events = run.has_events,
                       .last_wall_time = run.last_wall_time,
                       .end = static_cast<RunEnd>(run.end_status),
                       .end_time = run.end_time,
                       .newest_session_start = 0,
                       .sessions = static_cast<int64_t>(run.sessions.size()),
                       .usual_gap_s = run.step_gaps.Median(),
                       .torn_file = {},
                       .torn_offset = 0,
                       .torn_bytes = 0};
  for (const SessionState& state : run.sessions) {
    evidence.newest_session_start =
        std::max(evidence.newest_session_start, state.session.first_wall_time);
  }
  if (const FileState* file = FindTornFile(run, evidence.newest_session_start)) {
    evidence.torn_file = ToValidUtf8(file->name);
    evidence.torn_offset = file->reader.position().offset;
    evidence.torn_bytes = file->tail_bytes;
  }
  return evidence;
}

Status WriteActivity(Database& database, const RunBatch& run) {
  const RunEvidence& evidence = run.evidence;
  ASSIGN_OR_RETURN(
      Statement write,
      database.Prepare(UpsertSql("run_activity", {"run_id"},
                                 {"end_time", "usual_gap", "newest_session_start", "sessions",
                                  "torn_file", "torn_offset", "torn_bytes", "bytes_on_disk"})));
  // A NaN becomes NULL.
  const double end_time = evidence.end_time.value_or(std::numeric_limits<double>::quiet_NaN());
  return write
      .Bind(run.id, end_time, evidence.usual_gap_s, evidence.newest_session_start,
            evidence.sessions, evidence.torn_file, evidence.torn_offset, evidence.torn_bytes,
            run.bytes_on_disk)
      .Run();
}

Status LoadActivity(Database& database, const std::unordered_map<RunId, RunState*>& runs) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT run_id, end_time, usual_gap FROM run_activity"));
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    const auto found = runs.find(select.Int(0));
    if (found == runs.end()) continue;
    if (!select.IsNull(1)) found->second->end_time = select.Real(1);
    found->second->step_gaps = StepGaps(select.Real(2));
  }
}

}  // namespace spirogram::store
