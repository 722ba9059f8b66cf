#include "store/projector_table.h"

#include <utility>

#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/upsert.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;
constexpr int kAssets = 3;

std::string EncodeDetails(const ProjectorTensor& info) {
  ByteWriter writer;
  writer.Put(kFormat);
  for (const std::string* path :
       {&info.tensor_path, &info.metadata_path, &info.bookmarks_path, &info.sprite_path}) {
    writer.PutString(*path);
  }
  writer.Put(info.sprite_width);
  writer.Put(info.sprite_height);
  writer.Put(info.metadata_bytes);
  writer.Put(info.bookmarks_bytes);
  writer.Put(info.sprite_bytes);
  return writer.Take();
}

Status DecodeDetails(std::string_view bytes, ProjectorTensor* info) {
  ByteReader reader(bytes);
  const auto format = reader.Get<uint8_t>();
  for (std::string* path :
       {&info->tensor_path, &info->metadata_path, &info->bookmarks_path, &info->sprite_path}) {
    *path = reader.GetString();
  }
  info->sprite_width = reader.Get<int64_t>();
  info->sprite_height = reader.Get<int64_t>();
  info->metadata_bytes = reader.Get<uint64_t>();
  info->bookmarks_bytes = reader.Get<uint64_t>();
  info->sprite_bytes = reader.Get<uint64_t>();
  if (format == kFormat && reader.ok() && reader.is_at_end()) return {};
  return Corruption("stored projector tensor is not what its format promises");
}

const std::string& AssetOf(const LoadedTensor& tensor, int asset) {
  if (asset == static_cast<int>(ProjectorAsset::kMetadata)) return tensor.metadata;
  return asset == static_cast<int>(ProjectorAsset::kBookmarks) ? tensor.bookmarks : tensor.sprite;
}

// Of the newest checkpoint of a tag, or of the one at `step`; of two that are equal, the last
// named.
constexpr const char* kNewest = " ORDER BY step DESC, wall_time DESC, sequence DESC LIMIT 1";

Error NoEmbedding(RunId run, const std::string& tag) {
  return NotFound(StrCat("run ", run, " has no embedding ", Quoted(tag)));
}

Result<std::string> ReadAsset(Statement& select, const std::string& what) {
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(what);
  return UnpackBlob(select.Bytes(0));
}

}  // namespace

Result<std::map<std::string, int64_t>> SelectStoredTensors(Database& database,
                                                           const ProjectorFolder& at) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT stamp, tensor_id FROM projector_tensors "
                                    "WHERE run_id = ?1 AND folder = ?2"));
  select.Bind(at.run, Blob{at.folder});
  std::map<std::string, int64_t> stored;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return stored;
    stored[std::string(select.Bytes(0))] = select.Int(1);
  }
}

Status MoveTensor(Database& database, const ProjectorFolder& at, int64_t tensor_id,
                  int64_t sequence) {
  ASSIGN_OR_RETURN(Statement update,
                   database.Prepare("UPDATE projector_tensors SET sequence = ?4 WHERE run_id = ?1 "
                                    "AND folder = ?2 AND tensor_id = ?3 AND sequence <> ?4"));
  return update.Bind(at.run, Blob{at.folder}, tensor_id, sequence).Run();
}

Status RemoveTensor(Database& database, const ProjectorFolder& at, int64_t tensor_id) {
  for (const char* table : {"projector_tensors", "projector_assets"}) {
    ASSIGN_OR_RETURN(Statement remove,
                     database.Prepare(StrCat("DELETE FROM ", table,
                                             " WHERE run_id = ?1 "
                                             "AND folder = ?2 AND tensor_id = ?3")));
    RETURN_IF_ERROR(remove.Bind(at.run, Blob{at.folder}, tensor_id).Run());
  }
  return {};
}

Status InsertTensor(Database& database, const ProjectorFolder& at, int64_t sequence,
                    const std::string& stamp, const LoadedTensor& tensor,
                    const std::string& message) {
  const ProjectorTensor& info = tensor.info;
  ASSIGN_OR_RETURN(Statement next,
                   database.Prepare("SELECT coalesce(max(tensor_id), 0) + 1 FROM projector_tensors "
                                    "WHERE run_id = ?1 AND folder = ?2"));
  next.Bind(at.run, Blob{at.folder});
  ASSIGN_OR_RETURN(const bool has_next, next.Step());
  const int64_t tensor_id = has_next ? next.Int(0) : 1;
  const std::string details = EncodeDetails(info);
  const std::string data =
      PackBlob(EncodeEmbeddingValues(tensor.matrix.values), Compression::kNone);
  ASSIGN_OR_RETURN(Statement insert,
                   database.Prepare("INSERT INTO projector_tensors VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                                    "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"));
  RETURN_IF_ERROR(insert
                      .Bind(at.run, Blob{at.folder}, tensor_id, sequence, Blob{stamp},
                            info.tensor_name, info.tag, info.step, info.wall_time, info.rows,
                            info.dims, message, Blob{details}, Blob{data})
                      .Run());
  for (int asset = 0; asset < kAssets; ++asset) {
    const std::string& bytes = AssetOf(tensor, asset);
    if (bytes.empty()) continue;
    const bool is_sprite = asset == static_cast<int>(ProjectorAsset::kSprite);
    const std::string packed = PackBlob(bytes, is_sprite ? Compression::kNone : Compression::kZstd);
    ASSIGN_OR_RETURN(Statement insert_asset, database.Prepare("INSERT INTO projector_assets VALUES "
                                                              "(?1, ?2, ?3, ?4, ?5)"));
    RETURN_IF_ERROR(
        insert_asset.Bind(at.run, Blob{at.folder}, tensor_id, asset, Blob{packed}).Run());
  }
  return {};
}

Status ReplaceConfig(Database& database, const ProjectorFolder& at, const std::string& stamp,
                     const std::string& message) {
  ASSIGN_OR_RETURN(
      Statement insert,
      database.Prepare(UpsertSql("projector_configs", {"run_id", "folder"}, {"stamp", "message"})));
  return insert.Bind(at.run, Blob{at.folder}, Blob{stamp}, message).Run();
}

Result<std::map<std::string, std::string>> SelectProjectorStamps(Database& database) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT folder, stamp FROM projector_configs"));
  std::map<std::string, std::string> stamps;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return stamps;
    stamps[std::string(select.Bytes(0))] = select.Bytes(1);
  }
}

Result<bool> HasLoggedTag(Database& database, RunId run, const std::string& tag) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT 1 FROM tags WHERE run_id = ?1 AND name = ?2"));
  select.Bind(run, tag);
  return select.Step();
}

Result<std::vector<Tag>> SelectProjectorTags(Database& database, std::span<const RunId> runs) {
  const std::string columns =
      "SELECT run_id, tag, count(DISTINCT step), min(step), max(step) FROM projector_tensors p "
      "WHERE rows > 0 AND dims > 0 AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.run_id = p.run_id "
      "AND t.name = "
      "p.tag) ";
  const std::string order = "GROUP BY run_id, tag ORDER BY tag, run_id";
  std::vector<Tag> tags;
  const auto append = [&](Statement& select) -> Status {
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) return {};
      tags.push_back({.run = select.Int(0),
                      .name = std::string(select.Text(1)),
                      .kind = DataKind::kEmbedding,
                      .plugin = "projector",
                      .display_name = {},
                      .description = {},
                      .count = select.Int(2),
                      .first_step = select.Int(3),
                      .last_step = select.Int(4)});
    }
  };
  if (runs.empty()) {
    ASSIGN_OR_RETURN(Statement select, database.Prepare(columns + order));
    RETURN_IF_ERROR(append(select));
  }
  const std::string of_run = StrCat(columns, "AND run_id = ?1 ", order);
  for (const RunId run : runs) {
    ASSIGN_OR_RETURN(Statement select, database.Prepare(of_run));
    select.Bind(run);
    RETURN_IF_ERROR(append(select));
  }
  return tags;
}

Result<std::vector<ProjectorTensor>> SelectProjectorTensors(Database& database, RunId run) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT tensor_name, tag, step, wall_time, rows, dims, details "
                       "FROM projector_tensors WHERE run_id = ?1 AND rows > 0 AND dims > 0 "
                       "ORDER BY folder, sequence"));
  select.Bind(run);
  std::vector<ProjectorTensor> tensors;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tensors;
    ProjectorTensor& info = tensors.emplace_back();
    info.tensor_name = select.Text(0);
    info.tag = select.Text(1);
    info.step = select.Int(2);
    info.wall_time = select.Real(3);
    info.rows = select.Int(4);
    info.dims = select.Int(5);
    RETURN_IF_ERROR(DecodeDetails(select.Bytes(6), &info));
  }
}

Result<std::string> SelectProjectorAsset(Database& database, RunId run,
                                         const std::string& tensor_name, ProjectorAsset asset) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT a.data FROM projector_tensors t "
                                    "JOIN projector_assets a USING (run_id, folder, tensor_id) "
                                    "WHERE run_id = ?1 AND tensor_name = ?2 AND asset = ?3 "
                                    "ORDER BY folder, sequence DESC LIMIT 1"));
  select.Bind(run, tensor_name, static_cast<int>(asset));
  return ReadAsset(select,
                   StrCat("tensor ", Quoted(tensor_name), " of run ", run, " has no such file"));
}

Result<std::vector<EmbeddingInfo>> SelectProjectorEmbeddings(Database& database, RunId run,
                                                             const std::string& tag) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT step, wall_time, rows, dims FROM projector_tensors "
                                    "WHERE run_id = ?1 AND tag = ?2 AND rows > 0 AND dims > 0 "
                                    "ORDER BY step, wall_time, sequence"));
  select.Bind(run, tag);
  std::vector<EmbeddingInfo> infos;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    // Of two at one step the last counts, as in SelectProjectorEmbedding.
    if (!infos.empty() && infos.back().step == select.Int(0)) infos.pop_back();
    infos.push_back({.step = select.Int(0),
                     .wall_time = select.Real(1),
                     .rows = select.Int(2),
                     .dims = select.Int(3)});
  }
  if (infos.empty()) return NoEmbedding(run, tag);
  return infos;
}

Result<Embedding> SelectProjectorEmbedding(Database& database, RunId run, const std::string& tag,
                                           Step step) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare(StrCat("SELECT wall_time, rows, dims, data "
                                           "FROM projector_tensors WHERE run_id = ?1 AND tag = ?2 "
                                           "AND step = ?3 AND rows > 0 AND dims > 0",
                                           kNewest)));
  select.Bind(run, tag, step);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) {
    return NotFound(StrCat("embedding ", Quoted(tag), " of run ", run, " has no step ", step));
  }
  Embedding embedding{{step, select.Real(0), select.Int(1), select.Int(2)}, {}};
  ASSIGN_OR_RETURN(const std::string content, UnpackBlob(select.Bytes(3)));
  ASSIGN_OR_RETURN(embedding.values, DecodeEmbeddingValues(content));
  return embedding;
}

Result<EmbeddingMetadata> SelectProjectorMetadata(Database& database, RunId run,
                                                  const std::string& tag) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare(StrCat(
                       "SELECT rows, a.data FROM projector_tensors t "
                       "LEFT JOIN projector_assets a ON a.run_id = t.run_id "
                       "AND a.folder = t.folder AND a.tensor_id = t.tensor_id "
                       "AND a.asset = 0 WHERE t.run_id = ?1 AND tag = ?2 AND rows > 0 AND dims > 0 "
                       "ORDER BY step DESC, wall_time DESC, t.sequence DESC "
                       "LIMIT 1")));
  select.Bind(run, tag);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NoEmbedding(run, tag);
  if (select.IsNull(1)) return EmbeddingMetadata();
  ASSIGN_OR_RETURN(const std::string tsv, UnpackBlob(select.Bytes(1)));
  return ParseMetadataTsv(tsv, select.Int(0));
}

Status AppendProjectorWarnings(Database& database, RunId run, std::vector<Warning>* warnings) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT folder, message, -1 AS sequence FROM projector_configs "
                                    "WHERE run_id = ?1 UNION ALL SELECT folder, message, sequence "
                                    "FROM projector_tensors WHERE run_id = ?1 "
                                    "ORDER BY folder, sequence"));
  select.Bind(run);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    if (select.Text(1).empty()) continue;
    const std::string folder = ToValidUtf8(select.Bytes(0));
    const std::string file = folder == "." ? std::string(kProjectorConfigName)
                                           : StrCat(folder, "/", kProjectorConfigName);
    for (const std::string_view message : Split(select.Text(1), '\n')) {
      warnings->push_back({run, file, 0, 0, std::string(message)});
    }
  }
}

}  // namespace spirogram::store
