#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "base/str.h"
#include "web/query.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/samples.h"

namespace spirogram::web::tensorboard {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kPlugin = "mesh";

// The parts of a mesh, with the numbers that TensorBoard's MeshPluginData.ContentType gives them.
enum class Part { kVertex = 1, kFace = 2, kColor = 3 };
constexpr Part kParts[] = {Part::kVertex, Part::kFace, Part::kColor};

int64_t CountOf(const store::MeshInfo& info, Part part) {
  return part == Part::kVertex ? info.vertices : part == Part::kFace ? info.faces : info.colours;
}

WallTime TimeOf(const store::MeshInfo& info, Part part) {
  return part == Part::kVertex ? info.vertices_time
         : part == Part::kFace ? info.faces_time
                               : info.colours_time;
}

std::optional<Part> PartOfName(const std::string* name) {
  if (name == nullptr) return std::nullopt;
  if (*name == "VERTEX") return Part::kVertex;
  if (*name == "FACE") return Part::kFace;
  if (*name == "COLOR") return Part::kColor;
  return std::nullopt;
}

// Every mesh of the tags of one run once, by name.
Result<std::map<std::string, store::MeshSeries>> ReadMeshesOfRun(
    store::Store& store, const std::vector<store::Tag>& tags) {
  std::map<std::string, store::MeshSeries> meshes;
  for (const store::Tag& tag : tags) {
    auto series = store.ReadMeshes(tag.run, tag.name);
    if (!series.ok() && series.error().code == ErrorCode::kNotFound) continue;
    if (!series.ok()) return series.error();
    std::string name = series->name;
    meshes.try_emplace(std::move(name), *std::move(series));
  }
  return meshes;
}

// The run, where it has a mesh of that name.
struct Found {
  store::RunId run = 0;
  store::MeshSeries series;
};
Result<std::optional<Found>> FindMesh(const Call& call) {
  const std::string* run_name = call.query.Find("run");
  const std::string* name = call.query.Find("tag");
  if (run_name == nullptr || name == nullptr) return std::optional<Found>();
  ASSIGN_OR_RETURN(const auto run, call.store().FindRun(*run_name));
  if (!run) return std::optional<Found>();
  auto series = call.store().ReadMeshes(*run, *name);
  if (!series.ok() && series.error().code == ErrorCode::kNotFound) return std::optional<Found>();
  if (!series.ok()) return series.error();
  // The store also answers to a tag of a part; TensorBoard's routes know the name alone.
  if (series->name != *name) return std::optional<Found>();
  return std::optional(Found{*run, *std::move(series)});
}

// How many samples of a step have each part.
using SampleCounts = std::map<std::pair<Step, Part>, int64_t>;

SampleCounts CountSamples(const store::MeshSeries& series) {
  SampleCounts counts;
  for (const store::MeshInfo& info : series.samples) {
    for (const Part part : kParts) {
      if (CountOf(info, part) > 0) ++counts[{info.step, part}];
    }
  }
  return counts;
}

void WritePart(const store::MeshSeries& series, const store::MeshInfo& info, Part part,
               int components, int64_t samples, JsonWriter* json) {
  json->BeginObject();
  json->Field("wall_time", TimeOf(info, part));
  json->Field("step", info.step);
  json->Field("content_type", static_cast<int>(part));
  json->Field("components", components);
  json->Field("config", series.json_config);
  json->Key("data_shape");
  json->BeginArray();
  json->Integer(samples);
  json->Integer(CountOf(info, part));
  json->Integer(3);
  json->EndArray();
  json->EndObject();
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string PartBytes(const store::Mesh& mesh, Part part) {
  switch (part) {
    case Part::kVertex:
      return Bytes(mesh.vertices);
    case Part::kFace:
      return Bytes(mesh.faces);
    case Part::kColor:
      return Bytes(mesh.colours);
  }
  return {};
}

// "step" is a number that TensorBoard compares as a float: "10" and "10.0" are the same step.
Result<Step> StepParameter(const Call& call) {
  const std::string* text = call.query.Find("step");
  if (text == nullptr) return Step{0};
  if (const auto step = ParseNumber<int64_t>(*text)) return *step;
  const auto number = ParseNumber<double>(*text);
  const bool is_step = number && std::trunc(*number) == *number && std::abs(*number) < 0x1p63;
  if (!is_step) return ParseInteger("step", *text, {});
  return static_cast<Step>(*number);
}

}  // namespace

Result<Response> HandleMeshTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), kPlugin));
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, tags] : series) {
    ASSIGN_OR_RETURN(const auto meshes, ReadMeshesOfRun(call.store(), tags));
    json.Key(run);
    json.BeginObject();
    for (const auto& [name, mesh] : meshes) {
      int samples = 0;
      for (const store::MeshInfo& info : mesh.samples) samples = std::max(samples, info.index + 1);
      json.Key(name);
      json.BeginObject();
      json.Field("samples", samples);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleMeshes(const Call& call) {
  ASSIGN_OR_RETURN(const auto found, FindMesh(call));
  JsonWriter json;
  json.BeginArray();
  if (found) {
    const SampleCounts counts = CountSamples(found->series);
    int components = 0;
    for (const auto& [key, count] : counts) components |= 1 << static_cast<int>(key.second);
    for (const store::MeshInfo& info : found->series.samples) {
      if (info.index != 0) continue;
      for (const Part part : kParts) {
        if (CountOf(info, part) == 0) continue;
        WritePart(found->series, info, part, components, counts.at({info.step, part}), &json);
      }
    }
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

Result<Response> HandleMeshData(const Call& call) {
  const auto part = PartOfName(call.query.Find("content_type"));
  if (!part) return TextResponse(400, "Bad content_type");
  ASSIGN_OR_RETURN(const int64_t sample, SampleParameter(call));
  ASSIGN_OR_RETURN(const Step step, StepParameter(call));
  ASSIGN_OR_RETURN(const auto found, FindMesh(call));
  Response response;
  response.Set("Content-Type", "application/octet-stream");
  if (!found) return response;
  auto mesh = call.store().ReadMesh(found->run, found->series.name, step, static_cast<int>(sample));
  if (!mesh.ok() && mesh.error().code == ErrorCode::kNotFound) return response;
  if (!mesh.ok()) return mesh.error();
  response.body = PartBytes(*mesh, *part);
  return response;
}

}  // namespace spirogram::web::tensorboard
