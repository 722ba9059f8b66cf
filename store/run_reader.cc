#include "store/run_reader.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/str.h"
#include "store/ingest_names.h"
#include "store/projector_table.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

constexpr const char* kTagColumns =
    "SELECT run_id, name, kind, plugin, display_name, description, count, first_step, last_step "
    "FROM tags ";

Status AppendTags(Statement& select, std::vector<Tag>* tags) {
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    tags->push_back({.run = select.Int(0),
                     .name = std::string(select.Text(1)),
                     .kind = static_cast<DataKind>(select.Int(2)),
                     .plugin = std::string(select.Text(3)),
                     .display_name = std::string(select.Text(4)),
                     .description = std::string(select.Text(5)),
                     .count = select.Int(6),
                     .first_step = select.Int(7),
                     .last_step = select.Int(8)});
  }
}

}  // namespace

Result<std::vector<Tag>> SelectTags(Database& database, std::span<const RunId> runs) {
  std::vector<Tag> tags;
  if (runs.empty()) {
    ASSIGN_OR_RETURN(Statement select, database.Prepare(StrCat(kTagColumns, "WHERE ", kIsNotDeleted,
                                                               "ORDER BY name, run_id")));
    RETURN_IF_ERROR(AppendTags(select, &tags));
  }
  for (const RunId run : runs) {
    RETURN_IF_ERROR(CheckRun(database, run));
    ASSIGN_OR_RETURN(Statement select, database.Prepare(StrCat(kTagColumns, "WHERE run_id = ?1")));
    select.Bind(run);
    RETURN_IF_ERROR(AppendTags(select, &tags));
  }
  ASSIGN_OR_RETURN(std::vector<Tag> of_files, SelectProjectorTags(database, runs));
  std::move(of_files.begin(), of_files.end(), std::back_inserter(tags));
  const auto by_name = [](const Tag& a, const Tag& b) {
    return std::tie(a.name, a.run) < std::tie(b.name, b.run);
  };
  if (!std::is_sorted(tags.begin(), tags.end(), by_name)) {
    std::sort(tags.begin(), tags.end(), by_name);
  }
  return tags;
}

Result<std::optional<Tag>> SelectTag(Database& database, RunId run, std::string_view name) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare(StrCat(kTagColumns, "WHERE run_id = ?1 AND name = ?2")));
  select.Bind(run, name);
  std::vector<Tag> tags;
  RETURN_IF_ERROR(AppendTags(select, &tags));
  if (tags.empty()) return std::optional<Tag>();
  return std::optional(std::move(tags.front()));
}

Result<std::vector<Warning>> SelectWarnings(Database& database, RunId run) {
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT r.name, f.name, file_offset, bytes_lost, message FROM ("
                       "SELECT run_id, file_id, file_offset, bytes_lost, message FROM warnings "
                       "WHERE run_id = ?1 UNION ALL "
                       "SELECT run_id, file_id, min(file_offset), sum(bytes), "
                       "count(*) || ' values cannot be shown: ' || b.message "
                       "FROM borrowed_files b JOIN borrowed_values v USING (run_id, file_id) "
                       "WHERE run_id = ?1 AND b.message <> '' GROUP BY run_id, file_id, b.message"
                       ") w JOIN event_files f USING (run_id, file_id) "
                       "JOIN runs r USING (run_id) ORDER BY f.name, file_offset"));
  select.Bind(run);
  std::vector<Warning> warnings;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    const std::string folder(select.Text(0));
    std::string_view file = select.Bytes(1);
    // Its original lies in the run's folder.
    if (file.starts_with(kConvertedPrefix)) file.remove_prefix(kConvertedPrefix.size());
    const std::string name = ToValidUtf8(file);
    warnings.push_back({.run = run,
                        .file = folder == "." ? name : StrCat(folder, "/", name),
                        .offset = static_cast<uint64_t>(select.Int(2)),
                        .bytes_lost = static_cast<uint64_t>(select.Int(3)),
                        .message = std::string(select.Text(4))});
  }
  RETURN_IF_ERROR(AppendProjectorWarnings(database, run, &warnings));
  return warnings;
}

Result<std::vector<RunHparams>> SelectHparams(Database& database) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare(StrCat("SELECT run_id, name, type, number, text "
                                           "FROM hparams WHERE ",
                                           kIsNotDeleted, "ORDER BY run_id, name")));
  std::vector<RunHparams> runs;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return runs;
    if (runs.empty() || runs.back().run != select.Int(0)) runs.push_back({select.Int(0), {}});
    HparamValue value;
    value.type = static_cast<HparamValue::Type>(select.Int(2));
    if (value.type == HparamValue::Type::kNumber) value.number = select.Real(3);
    if (value.type == HparamValue::Type::kBool) value.boolean = select.Real(3) != 0;
    value.text = select.Text(4);
    runs.back().hparams.emplace_back(select.Text(1), std::move(value));
  }
}

Result<std::vector<Session>> SelectSessions(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT s.session_id, name, first_wall_time, last_wall_time, "
                                    "purge_step FROM sessions s JOIN event_files f "
                                    "ON f.run_id = s.run_id AND f.file_id = s.file_id "
                                    "WHERE s.run_id = ?1 ORDER BY s.session_id"));
  select.Bind(run);
  std::vector<Session> sessions;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return sessions;
    Session session;
    session.id = select.Int(0);
    session.file = select.Bytes(1);
    session.first_wall_time = select.Real(2);
    session.last_wall_time = select.Real(3);
    if (!select.IsNull(4)) session.purge_step = select.Int(4);
    sessions.push_back(std::move(session));
  }
}

Result<TagKey> FindTagKey(Database& database, RunId run, std::string_view tag,
                          std::optional<DataKind> kind) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT tag_id, kind, plugin FROM tags "
                                                      "WHERE run_id = ?1 AND name = ?2"));
  select.Bind(run, tag);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) {
    RETURN_IF_ERROR(CheckRun(database, run));
    return NotFound(StrCat("run ", run, " has no tag ", Quoted(tag)));
  }
  TagKey found{select.Int(0), static_cast<DataKind>(select.Int(1)), std::string(select.Text(2))};
  if (kind && found.kind != *kind) {
    return NotFound(StrCat("tag ", Quoted(tag), " of run ", run, " is of kind ",
                           DataKindName(found.kind), ", want ", DataKindName(*kind)));
  }
  return found;
}

Result<TagMetadata> SelectTagMetadata(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, tag, std::nullopt));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT plugin, content, display_name, description FROM tags "
                                    "WHERE run_id = ?1 AND tag_id = ?2"));
  select.Bind(run, key.id);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return Internal(StrCat("tag ", key.id, " of run ", run, " has gone"));
  return TagMetadata{.plugin = std::string(select.Text(0)),
                     .content = std::string(select.Bytes(1)),
                     .display_name = std::string(select.Text(2)),
                     .description = std::string(select.Text(3))};
}

Result<int> SelectSamplesMax(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(const TagKey key, FindTagKey(database, run, tag, std::nullopt));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT coalesce(max(item), 0) + 1 FROM records "
                                    "WHERE run_id = ?1 AND tag_id = ?2"));
  select.Bind(run, key.id);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  return has_row ? static_cast<int>(select.Int(0)) : 1;
}

Status CheckRun(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT 1 FROM runs WHERE run_id = ?1"));
  select.Bind(run);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(StrCat("no run with id ", run));
  return {};
}

}  // namespace spirogram::store
