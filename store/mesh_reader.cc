// Joins the tags of a mesh by step and sample.
#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "base/str.h"
#include "store/kind_reader.h"
#include "store/plot_value.h"
#include "store/records.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

using Part = MeshContent::Part;

struct MeshTag {
  int64_t id = 0;
  std::string name;
  std::string display_name;
  std::string description;
  MeshContent content;
};

// Tags of the run that are parts of any mesh.
Result<std::vector<MeshTag>> SelectMeshTags(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT tag_id, name, display_name, description, content "
                                    "FROM tags WHERE run_id = ?1 AND kind = ?2 ORDER BY name"));
  select.Bind(run, static_cast<int>(DataKind::kMesh));
  std::vector<MeshTag> tags;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return tags;
    MeshTag tag{select.Int(0),
                std::string(select.Text(1)),
                std::string(select.Text(2)),
                std::string(select.Text(3)),
                {}};
    // A tag whose content is malformed has no value, and is no reason to lack the others.
    auto content = ParseMeshContent(select.Bytes(4));
    if (!content.ok()) continue;
    tag.content = *std::move(content);
    tags.push_back(std::move(tag));
  }
}

// The tags of one mesh, by its name or by the name of one of them.
Result<std::vector<MeshTag>> FindMesh(Database& database, RunId run, const std::string& name) {
  ASSIGN_OR_RETURN(std::vector<MeshTag> tags, SelectMeshTags(database, run));
  std::string mesh_name = name;
  for (const MeshTag& tag : tags) {
    if (tag.name == name) mesh_name = tag.content.name;
  }
  std::erase_if(tags, [&](const MeshTag& tag) { return tag.content.name != mesh_name; });
  if (!tags.empty()) return tags;
  RETURN_IF_ERROR(CheckRun(database, run));
  return NotFound(StrCat("run ", run, " has no mesh ", Quoted(name)));
}

template <typename T>
std::vector<T> Unpack(std::string_view bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

void NotePart(Part part, const RecordRef& record, MeshInfo* info) {
  info->step = record.step;
  info->index = record.item;
  info->wall_time = std::max(info->wall_time, record.wall_time);
  switch (part) {
    case Part::kUndefined:
      return;
    case Part::kVertex:
      info->vertices = record.height;
      info->vertices_time = record.wall_time;
      return;
    case Part::kFace:
      info->faces = record.height;
      info->faces_time = record.wall_time;
      return;
    case Part::kColour:
      info->colours = record.height;
      info->colours_time = record.wall_time;
      return;
  }
}

}  // namespace

Result<MeshSeries> SelectMeshes(Database& database, RunId run, const std::string& name, Step from) {
  ASSIGN_OR_RETURN(const std::vector<MeshTag> tags, FindMesh(database, run, name));
  MeshSeries series;
  series.name = tags.front().content.name;
  std::map<std::pair<Step, int>, MeshInfo> samples;
  for (const MeshTag& tag : tags) {
    if (series.display_name.empty()) series.display_name = tag.display_name;
    if (series.description.empty()) series.description = tag.description;
    if (series.json_config.empty()) series.json_config = tag.content.json_config;
    ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag.id));
    for (const RecordRef& record : records) {
      if (record.step < from) continue;
      NotePart(tag.content.part, record, &samples[{record.step, record.item}]);
    }
  }
  for (const auto& [key, info] : samples) series.samples.push_back(info);
  return series;
}

Result<Mesh> SelectMesh(Database& database, RunId run, const std::string& name, Step step,
                        int index) {
  ASSIGN_OR_RETURN(const std::vector<MeshTag> tags, FindMesh(database, run, name));
  Mesh mesh;
  bool is_there = false;
  for (const MeshTag& tag : tags) {
    ASSIGN_OR_RETURN(const auto records, SelectRecords(database, run, tag.id));
    const RecordRef* record = FindRecord(records, step, index);
    if (record == nullptr) continue;
    is_there = true;
    NotePart(tag.content.part, *record, &mesh.info);
    ASSIGN_OR_RETURN(const std::string content, SelectContent(database, *record));
    if (tag.content.part == Part::kVertex) mesh.vertices = Unpack<float>(content);
    if (tag.content.part == Part::kFace) mesh.faces = Unpack<int32_t>(content);
    if (tag.content.part == Part::kColour) mesh.colours = Unpack<uint8_t>(content);
  }
  if (is_there) return mesh;
  return NotFound(
      StrCat("mesh ", Quoted(name), " of run ", run, " has no sample ", index, " at step ", step));
}

}  // namespace spirogram::store
