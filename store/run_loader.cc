#include "store/run_loader.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "store/run_activity.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

using RunsById = std::unordered_map<RunId, RunState*>;

Status LoadFiles(Database& database, const Logdir& logdir, const RunsById& runs) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT run_id, file_id, name, device, inode, read_offset, "
                                    "fingerprint, session_id FROM event_files"));
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    const auto found = runs.find(select.Int(0));
    if (found == runs.end()) continue;
    RunState* run = found->second;
    const int64_t id = select.Int(1);
    std::string name(select.Bytes(2));
    const FilePosition position{static_cast<uint64_t>(select.Int(5)),
                                static_cast<uint32_t>(select.Int(6))};
    auto file = std::make_unique<FileState>(
        id, name, EventFileReader(logdir.PathOf(run->path, name), position));
    file->device = static_cast<uint64_t>(select.Int(3));
    file->inode = static_cast<uint64_t>(select.Int(4));
    file->committed_offset = position.offset;
    file->session_id = select.Int(7);
    run->next_file_id = std::max(run->next_file_id, id + 1);
    run->files.emplace(std::move(name), std::move(file));
  }
}

Status LoadSessions(Database& database, const RunsById& runs) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT s.run_id, s.session_id, s.file_id, f.name, s.first_wall_time, "
                       "s.last_wall_time, s.purge_step FROM sessions s "
                       "JOIN event_files f ON f.run_id = s.run_id "
                       "AND f.file_id = s.file_id ORDER BY s.run_id, s.session_id"));
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    const auto found = runs.find(select.Int(0));
    if (found == runs.end()) continue;
    SessionState state;
    state.file_id = select.Int(2);
    state.session.id = select.Int(1);
    state.session.file = select.Bytes(3);
    state.session.first_wall_time = select.Real(4);
    state.session.last_wall_time = select.Real(5);
    if (!select.IsNull(6)) state.session.purge_step = select.Int(6);
    found->second->next_session_id = std::max(found->second->next_session_id, state.session.id + 1);
    found->second->first_new_session_id = found->second->next_session_id;
    found->second->sessions.push_back(std::move(state));
  }
}

Status LoadTags(Database& database, RunState* run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT tag_id, name, kind, plugin, display_name, description, "
                                    "content, count, first_step, last_step FROM tags "
                                    "WHERE run_id = ?1"));
  select.Bind(run->id);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    const auto entry = run->tags.try_emplace(std::string(select.Text(1))).first;
    TagState& tag = entry->second;
    tag.name = entry->first;
    tag.id = select.Int(0);
    tag.info = {.kind = static_cast<DataKind>(select.Int(2)),
                .plugin = std::string(select.Text(3)),
                .display_name = std::string(select.Text(4)),
                .description = std::string(select.Text(5)),
                .content = std::string(select.Bytes(6))};
    tag.count = select.Int(7);
    tag.first_step = select.Int(8);
    tag.last_step = select.Int(9);
    run->next_tag_id = std::max(run->next_tag_id, tag.id + 1);
  }
}

}  // namespace

Result<std::vector<std::unique_ptr<RunState>>> LoadRuns(Database& database, const Logdir& logdir) {
  std::vector<std::unique_ptr<RunState>> runs;
  RunsById by_id;
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT run_id, path, runs.name, start_time, last_wall_time, "
                                    "last_step, points, has_events, end_status, "
                                    "coalesce(purge_state, 0), coalesce(deleted_time, 0) FROM runs "
                                    "LEFT JOIN run_labels USING (run_id)"));
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    auto run = std::make_unique<RunState>();
    run->id = select.Int(0);
    run->path = select.Bytes(1);
    run->name = select.Text(2);
    run->start_time = select.Real(3);
    run->last_wall_time = select.Real(4);
    run->last_step = select.Int(5);
    run->points = select.Int(6);
    run->has_events = select.Int(7) != 0;
    run->end_status = select.Int(8);
    run->is_purged = select.Int(9) != 0;
    run->deleted_time = select.Real(10);
    run->are_details_loaded = run->is_purged;  // it has none
    by_id[run->id] = run.get();
    runs.push_back(std::move(run));
  }
  RETURN_IF_ERROR(LoadFiles(database, logdir, by_id));
  RETURN_IF_ERROR(LoadSessions(database, by_id));
  RETURN_IF_ERROR(LoadActivity(database, by_id));
  return runs;
}

Status LoadRunDetails(Database& database, RunState* run) {
  RETURN_IF_ERROR(LoadTags(database, run));
  ASSIGN_OR_RETURN(Statement names, database.Prepare("SELECT name_id, name FROM profile_names "
                                                     "WHERE run_id = ?1"));
  names.Bind(run->id);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, names.Step());
    if (!has_row) break;
    run->profile_names[std::string(names.Text(1))] = static_cast<uint32_t>(names.Int(0));
  }
  ASSIGN_OR_RETURN(Statement warnings,
                   database.Prepare("SELECT count(*) FROM warnings WHERE run_id = ?1"));
  warnings.Bind(run->id);
  ASSIGN_OR_RETURN(const bool has_count, warnings.Step());
  run->warnings = has_count ? warnings.Int(0) : 0;
  run->are_details_loaded = true;
  return {};
}

Status LoadSeriesTail(Database& database, RunId run, int64_t tag_id, int64_t session_id,
                      SeriesTail* tail) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT first_point, count FROM scalar_blocks WHERE run_id = ?1 "
                       "AND tag_id = ?2 AND session_id = ?3 "
                       "ORDER BY first_point DESC"));
  select.Bind(run, tag_id, session_id);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    const SeriesTail::Piece piece{select.Int(0), select.Int(1)};
    tail->next_point = std::max(tail->next_point, piece.first_point + piece.count);
    if (piece.count >= static_cast<int64_t>(kBlockPoints)) break;
    tail->pieces.insert(tail->pieces.begin(), piece);
  }
  tail->is_loaded = true;
  return {};
}

}  // namespace spirogram::store
