#include "store/run_writer.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/str.h"
#include "store/borrowed.h"
#include "store/hparams_writer.h"
#include "store/profile_writer.h"
#include "store/run_activity.h"
#include "store/series_writer.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/upsert.h"

namespace spirogram::store {
namespace {

Status WriteRunRow(Database& database, const RunBatch& run) {
  static const std::string sql = UpsertSql("runs", {"run_id"},
                                           {"path", "name", "start_time", "last_wall_time",
                                            "last_step", "points", "has_events", "end_status"});
  ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
  return insert
      .Bind(run.id, Blob{run.path}, run.name, run.start_time, run.last_wall_time, run.last_step,
            run.points, run.has_events, run.end_status)
      .Run();
}

// A file of a run may have got the name that another has in the database still, or the path where
// its values are borrowed from may be another now.
Status FreeOldName(Database& database, RunId run, const FileBatch& file) {
  {
    ASSIGN_OR_RETURN(Statement select,
                     database.Prepare("SELECT 1 FROM event_files WHERE run_id = ?1 AND "
                                      "file_id = ?2 AND name <> ?3"));
    select.Bind(run, file.id, Blob{file.name});
    ASSIGN_OR_RETURN(const bool is_renamed, select.Step());
    if (!is_renamed) return {};
  }
  ASSIGN_OR_RETURN(Statement name, database.Prepare("UPDATE event_files SET name = ?3 "
                                                    "WHERE run_id = ?1 AND file_id = ?2"));
  RETURN_IF_ERROR(name.Bind(run, file.id, Blob{StrCat("/", file.id)}).Run());  // nobody's name
  ASSIGN_OR_RETURN(Statement path, database.Prepare("UPDATE borrowed_files SET path = ?3 "
                                                    "WHERE run_id = ?1 AND file_id = ?2"));
  return path.Bind(run, file.id, Blob{std::filesystem::absolute(file.path).string()}).Run();
}

Status WriteFile(Database& database, RunId run, const FileBatch& file) {
  static const std::string sql =
      UpsertSql("event_files", {"run_id", "file_id"},
                {"name", "device", "inode", "read_offset", "fingerprint", "session_id"});
  if (file.position.offset != file.offset_before || file.is_readable_again) {
    // A warning about a tail, or about a file that cannot be read, stands at the offset where
    // reading waited; it waits no longer, or says so again.
    ASSIGN_OR_RETURN(Statement remove,
                     database.Prepare("DELETE FROM warnings WHERE run_id = ?1 AND file_id = ?2 "
                                      "AND file_offset = ?3"));
    RETURN_IF_ERROR(remove.Bind(run, file.id, file.offset_before).Run());
  }
  ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
  return insert
      .Bind(run, file.id, Blob{file.name}, file.device, file.inode, file.position.offset,
            file.position.fingerprint, file.session_id)
      .Run();
}

Status WriteSessions(Database& database, const RunBatch& run) {
  static const std::string sql =
      UpsertSql("sessions", {"run_id", "session_id"},
                {"file_id", "first_wall_time", "last_wall_time", "purge_step"});
  ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
  for (const SessionState& state : run.sessions) {
    const Session& session = state.session;
    RETURN_IF_ERROR(insert
                        .Bind(run.id, session.id, state.file_id, session.first_wall_time,
                              session.last_wall_time, session.purge_step)
                        .Run());
  }
  return {};
}

Status WriteTagRow(Database& database, RunId run, const TagBatch& tag) {
  if (!tag.info) {
    ASSIGN_OR_RETURN(Statement update,
                     database.Prepare("UPDATE tags SET count = ?3, first_step = ?4, last_step = ?5 "
                                      "WHERE run_id = ?1 AND tag_id = ?2"));
    return update.Bind(run, tag.id, tag.count, tag.first_step, tag.last_step).Run();
  }
  ASSIGN_OR_RETURN(Statement insert,
                   database.Prepare("INSERT INTO tags (run_id, tag_id, name, kind, plugin, "
                                    "display_name, description, content, count, first_step, "
                                    "last_step) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                                    "?11)"));
  return insert
      .Bind(run, tag.id, tag.name, static_cast<int>(tag.kind), tag.info->plugin,
            tag.info->display_name, tag.info->description, Blob{tag.info->content}, tag.count,
            tag.first_step, tag.last_step)
      .Run();
}

Status WriteTag(Database& database, RunId run, TagBatch* tag, Commit* commit) {
  RETURN_IF_ERROR(WriteTagRow(database, run, *tag));
  for (SeriesBatch& series : tag->series) {
    RETURN_IF_ERROR(WriteSeries(database, run, tag->id, &series));
  }
  commit->runs_changed |= tag->info.has_value();
  commit->changes.push_back({.run = run,
                             .tag = std::move(tag->name),
                             .kind = tag->kind,
                             .first_step = tag->lowest_new,
                             .last_step = tag->highest_new});
  return {};
}

Status WriteReference(Statement& prepared, RunId run, const PendingRecord& record) {
  RecordRef ref;
  ref.run = run;
  ref.tag_id = record.tag_id;
  ref.session_id = record.session_id;
  ref.position = static_cast<int64_t>(record.position);
  ref.item = record.item;
  return WriteBorrowed(prepared, ref, record.file_id, *record.borrowed);
}

// The files that values of the batch were borrowed from.
Status WriteBorrowedFiles(Database& database, const RunBatch& run) {
  std::set<int64_t> ids;
  for (const PendingRecord& record : run.records) {
    if (record.borrowed) ids.insert(record.file_id);
  }
  for (const FileBatch& file : run.files) {
    if (!ids.contains(file.id)) continue;
    const std::string path = std::filesystem::absolute(file.path).string();
    RETURN_IF_ERROR(WriteBorrowedFile(database, run.id, file.id, path));
  }
  return {};
}

Status WriteRecords(Database& database, RunBatch* run) {
  RETURN_IF_ERROR(WriteBorrowedFiles(database, *run));
  ASSIGN_OR_RETURN(Statement insert,
                   database.Prepare("INSERT INTO records VALUES "
                                    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
  ASSIGN_OR_RETURN(Statement reference, PrepareBorrowed(database));
  for (PendingRecord& record : run->records) {
    EncodeRecord(&record);
    RETURN_IF_ERROR(insert
                        .Bind(run->id, record.tag_id, record.session_id, record.position,
                              record.item, record.step, record.wall_time, record.width,
                              record.height, record.bytes, Blob{record.data})
                        .Run());
    record.data = {};
    if (record.borrowed) RETURN_IF_ERROR(WriteReference(reference, run->id, record));
    if (record.details.empty()) continue;
    ASSIGN_OR_RETURN(Statement details, database.Prepare("INSERT INTO record_details VALUES "
                                                         "(?1, ?2, ?3, ?4, ?5, ?6)"));
    RETURN_IF_ERROR(details
                        .Bind(run->id, record.tag_id, record.session_id, record.position,
                              record.item, Blob{record.details})
                        .Run());
  }
  return {};
}

Status WriteWarnings(Database& database, const RunBatch& run) {
  static const std::string sql =
      UpsertSql("warnings", {"run_id", "file_id", "file_offset"}, {"bytes_lost", "message"});
  ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
  for (const PendingWarning& warning : run.warnings) {
    RETURN_IF_ERROR(
        insert.Bind(run.id, warning.file_id, warning.offset, warning.bytes_lost, warning.message)
            .Run());
  }
  return {};
}

Status RecountTags(Database& database, RunId run) {
  // What the tags' rows say is derived; after a removal it is counted again from what is left.
  ASSIGN_OR_RETURN(
      Statement recount,
      database.Prepare(
          "UPDATE tags SET "
          "count = (SELECT coalesce(sum(b.count), 0) FROM scalar_blocks b WHERE b.run_id = "
          "tags.run_id AND b.tag_id = tags.tag_id) + (SELECT count(DISTINCT r.session_id || ':' || "
          "r.position) FROM records r WHERE r.run_id = tags.run_id AND r.tag_id = tags.tag_id), "
          "first_step = coalesce((SELECT min(min_step) FROM scalar_blocks b WHERE b.run_id = "
          "tags.run_id AND b.tag_id = tags.tag_id), (SELECT min(step) FROM records r WHERE "
          "r.run_id "
          "= tags.run_id AND r.tag_id = tags.tag_id), 0), "
          "last_step = coalesce((SELECT max(max_step) FROM scalar_blocks b WHERE b.run_id = "
          "tags.run_id AND b.tag_id = tags.tag_id), (SELECT max(step) FROM records r WHERE "
          "r.run_id "
          "= tags.run_id AND r.tag_id = tags.tag_id), 0) "
          "WHERE run_id = ?1 AND kind NOT IN (?2, ?3)"));
  RETURN_IF_ERROR(
      recount.Bind(run, static_cast<int>(DataKind::kHparams), static_cast<int>(DataKind::kProfile))
          .Run());
  // Of profiles no row says which tag it is of: those tags go with the last.
  ASSIGN_OR_RETURN(
      Statement remove,
      database.Prepare(
          "DELETE FROM tags WHERE run_id = ?1 AND kind <> ?2 AND CASE kind "
          "WHEN ?3 THEN NOT EXISTS (SELECT 1 FROM profile_chunks WHERE run_id = ?1 UNION ALL "
          "SELECT 1 FROM profile_notes WHERE run_id = ?1) ELSE count = 0 END"));
  RETURN_IF_ERROR(
      remove.Bind(run, static_cast<int>(DataKind::kHparams), static_cast<int>(DataKind::kProfile))
          .Run());
  return RecountHparamsTags(database, run);
}

// As RecountTags, of what the run's own row says. A session is taken to begin with its first event.
Status RecountRun(Database& database, RunState* run) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT (SELECT coalesce(sum(count), 0) FROM scalar_blocks WHERE run_id = "
                       "?1), max(coalesce((SELECT max(last_step) FROM tags WHERE run_id = ?1 AND "
                       "kind NOT IN (?2, ?3)), 0), coalesce((SELECT max(max_step) FROM "
                       "profile_chunks WHERE run_id = ?1), 0))"));
  select.Bind(run->id, static_cast<int>(DataKind::kHparams), static_cast<int>(DataKind::kProfile));
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  run->points = has_row ? select.Int(0) : 0;
  run->last_step = has_row ? select.Int(1) : 0;
  run->has_events = !run->sessions.empty();
  bool is_end_known = false;
  for (size_t i = 0; i < run->sessions.size(); ++i) {
    const Session& session = run->sessions[i].session;
    run->start_time =
        i == 0 ? session.first_wall_time : std::min(run->start_time, session.first_wall_time);
    run->last_wall_time =
        i == 0 ? session.last_wall_time : std::max(run->last_wall_time, session.last_wall_time);
    is_end_known |= run->end_time && session.first_wall_time <= *run->end_time &&
                    *run->end_time <= session.last_wall_time;
  }
  if (run->end_time && !is_end_known) {
    run->end_status = static_cast<int64_t>(RunEnd::kNotSaid);
    run->end_time.reset();
  }
  return {};
}

}  // namespace

Status WriteRun(Database& database, RunBatch* run, Commit* commit) {
  commit->runs_changed |= run->is_new;
  RETURN_IF_ERROR(WriteRunRow(database, *run));
  for (const FileBatch& file : run->files) RETURN_IF_ERROR(FreeOldName(database, run->id, file));
  for (const FileBatch& file : run->files) RETURN_IF_ERROR(WriteFile(database, run->id, file));
  RETURN_IF_ERROR(WriteSessions(database, *run));
  RETURN_IF_ERROR(WriteActivity(database, *run));
  for (TagBatch& tag : run->tags) RETURN_IF_ERROR(WriteTag(database, run->id, &tag, commit));
  RETURN_IF_ERROR(WriteRecords(database, run));
  RETURN_IF_ERROR(WriteProfile(database, run));
  if (run->hparams) {
    RETURN_IF_ERROR(ReplaceHparams(database, run->id, run->hparams->first, run->hparams->second));
  }
  RETURN_IF_ERROR(WriteHparamsMessages(database, *run));
  return WriteWarnings(database, *run);
}

Status RemoveFileData(Database& database, RunState* run, FileState* file) {
  for (const char* table :
       {"scalar_blocks", "scalar_data", "records", "record_details", "hparams", "hparams_messages",
        "profile_chunks", "profile_sums", "phase_sums", "profile_notes"}) {
    ASSIGN_OR_RETURN(
        Statement remove,
        database.Prepare(std::string("DELETE FROM ") + table +
                         " WHERE run_id = ?1 AND session_id IN (SELECT session_id FROM sessions "
                         "WHERE run_id = ?1 AND file_id = ?2)"));
    RETURN_IF_ERROR(remove.Bind(run->id, file->id).Run());
  }
  for (const char* table : {"sessions", "warnings", "borrowed_values", "borrowed_files"}) {
    ASSIGN_OR_RETURN(Statement remove, database.Prepare(std::string("DELETE FROM ") + table +
                                                        " WHERE run_id = ?1 AND file_id = ?2"));
    RETURN_IF_ERROR(remove.Bind(run->id, file->id).Run());
  }
  std::erase_if(run->sessions, [&](const SessionState& s) { return s.file_id == file->id; });
  RETURN_IF_ERROR(RestoreHparams(database, run->id));
  RETURN_IF_ERROR(RecountTags(database, run->id));
  RETURN_IF_ERROR(RecountRun(database, run));
  run->step_gaps = StepGaps();
  run->first_new_session_id = run->next_session_id;  // the tags forget what they knew of sessions
  file->session_id = 0;
  file->step_time.reset();
  file->reader = EventFileReader(file->reader.path(), {});
  run->last_tag = nullptr;
  run->tags.clear();
  run->profile_names.clear();
  run->are_details_loaded = false;
  file->is_dirty = true;
  return {};
}

}  // namespace spirogram::store
