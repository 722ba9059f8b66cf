#include "web/json_kinds.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "base/str.h"
#include "web/json_internal.h"

namespace spirogram::web {
namespace {

constexpr size_t kElementsMax = 1'000'000;

Json ToJson(const store::Hparams& hparams) {
  Json json = Json::object();
  for (const auto& [name, value] : hparams) AppendField(name, web::ToJson(value), &json);
  return json;
}

Json ToJson(const store::HparamInfo& info) {
  Json json = {{"name", info.name},
               {"display_name", info.display_name},
               {"description", info.description},
               {"type", store::HparamTypeName(info.type)},
               {"differs", info.differs}};
  json["values"] = JsonArray(info.domain_discrete, [](const auto& v) { return web::ToJson(v); });
  json["interval"] = nullptr;
  if (info.domain_interval) {
    json["interval"] = {{"min", JsonNumber(info.domain_interval->min)},
                        {"max", JsonNumber(info.domain_interval->max)}};
  }
  return json;
}

Json ToJson(const store::MetricInfo& info) {
  return {{"group", info.group},
          {"tag", info.tag},
          {"display_name", info.display_name},
          {"description", info.description},
          {"dataset", store::MetricDatasetName(info.dataset)}};
}

Json ToJson(const store::HparamsExperiment& experiment) {
  return {{"run", experiment.run},
          {"name", experiment.name},
          {"description", experiment.description},
          {"user", experiment.user},
          {"time_created", JsonNumber(experiment.time_created)}};
}

Json ToJson(const store::HparamsSession& session) {
  return {{"run", session.run},
          {"hparams", ToJson(session.hparams)},
          {"group_name", session.group_name},
          {"model_uri", session.model_uri},
          {"monitor_url", session.monitor_url},
          {"start_time", JsonNumber(session.start_time)},
          {"end_time", session.end_time == 0 ? Json(nullptr) : JsonNumber(session.end_time)},
          {"status", store::HparamsStatusName(session.status)}};
}

Json ToJson(const store::CustomChart& chart) {
  const bool is_margin = chart.kind == store::CustomChart::Kind::kMargin;
  Json json = {{"title", chart.title}, {"kind", is_margin ? "margin" : "multiline"}};
  if (is_margin) {
    json["series"] = JsonArray(chart.series, [](const store::MarginSeries& series) {
      return Json{{"value", series.value}, {"lower", series.lower}, {"upper", series.upper}};
    });
  } else {
    json["tags"] = chart.tags;
  }
  return json;
}

Json ToJson(const store::GraphNode& node) {
  Json attributes = Json::object();
  for (const auto& [name, value] : node.attributes) attributes[name] = value;
  return {{"name", node.name},
          {"op", node.op},
          {"device", node.device},
          {"function", node.function},
          {"inputs", node.inputs},
          {"attributes", std::move(attributes)},
          {"large_attributes", node.large_attributes}};
}

Error TooManyElements() {
  return Exhausted(StrCat("the tensor has more than ", kElementsMax, " elements: ask for npy"));
}

template <typename T>
Result<Json> NumbersJson(std::string_view data) {
  if (data.size() / sizeof(T) > kElementsMax) return TooManyElements();
  Json numbers = Json::array();
  for (size_t i = 0; i + sizeof(T) <= data.size(); i += sizeof(T)) {
    T number{};
    std::memcpy(&number, data.data() + i, sizeof number);
    if constexpr (std::is_floating_point_v<T>) {
      numbers.push_back(JsonNumber(static_cast<double>(number)));
    } else {
      numbers.push_back(number);
    }
  }
  return numbers;
}

Result<Json> BooleansJson(std::string_view data) {
  if (data.size() > kElementsMax) return TooManyElements();
  return JsonArray(data, [](char c) { return c != 0; });
}

Result<Json> ValuesJson(std::string_view dtype, const store::TensorValue& tensor) {
  const std::string_view data = tensor.data;
  if (dtype == "float32") return NumbersJson<float>(data);
  if (dtype == "float64") return NumbersJson<double>(data);
  if (dtype == "int8") return NumbersJson<int8_t>(data);
  if (dtype == "uint8") return NumbersJson<uint8_t>(data);
  if (dtype == "int16") return NumbersJson<int16_t>(data);
  if (dtype == "uint16") return NumbersJson<uint16_t>(data);
  if (dtype == "int32") return NumbersJson<int32_t>(data);
  if (dtype == "uint32") return NumbersJson<uint32_t>(data);
  if (dtype == "int64") return NumbersJson<int64_t>(data);
  if (dtype == "uint64") return NumbersJson<uint64_t>(data);
  if (dtype == "bool") return BooleansJson(data);
  if (dtype != "string") {
    return InvalidArgument(StrCat("JSON has no numbers of type ", dtype, ": ask for npy or raw"));
  }
  if (tensor.strings.size() > kElementsMax) return TooManyElements();
  return Json(tensor.strings);
}

}  // namespace

std::string AudioJson(std::span<const store::AudioClip> clips) {
  const auto to_json = [](const store::AudioClip& clip) {
    return Json{{"step", clip.step},
                {"wall_time", JsonNumber(clip.wall_time)},
                {"index", clip.index},
                {"repeat", clip.repeat},
                {"sample_rate", JsonNumber(clip.sample_rate)},
                {"channels", clip.channels},
                {"frames", clip.frames},
                {"content_type", clip.content_type},
                {"label", clip.label},
                {"bytes", clip.bytes}};
  };
  return Dump({{"clips", JsonArray(clips, to_json)}});
}

std::string MeshesJson(const store::MeshSeries& series) {
  const auto to_json = [](const store::MeshInfo& info) {
    return Json{{"step", info.step},   {"wall_time", JsonNumber(info.wall_time)},
                {"index", info.index}, {"vertices", info.vertices},
                {"faces", info.faces}, {"colours", info.colours}};
  };
  return Dump({{"name", series.name},
               {"display_name", series.display_name},
               {"description", series.description},
               {"json_config", series.json_config},
               {"samples", JsonArray(series.samples, to_json)}});
}

std::string LayoutJson(const store::CustomScalarLayout& layout) {
  const auto to_json = [](const store::CustomCategory& category) {
    return Json{{"title", category.title},
                {"is_closed", category.is_closed},
                {"charts", JsonArray(category.charts, [](const auto& c) { return ToJson(c); })}};
  };
  return Dump({{"categories", JsonArray(layout.categories, to_json)}});
}

std::string GraphsJson(std::span<const store::GraphInfo> graphs) {
  const auto to_json = [](const store::GraphInfo& info) {
    return Json{{"tag", info.tag},
                {"type", store::GraphTypeName(info.type)},
                {"has_graph", info.has_graph()},
                {"is_run_metadata", info.is_run_metadata()},
                {"step", info.step},
                {"wall_time", JsonNumber(info.wall_time)},
                {"bytes", info.bytes}};
  };
  return Dump({{"graphs", JsonArray(graphs, to_json)}});
}

std::string GraphNodesJson(const store::GraphNodes& graph, int64_t offset) {
  return Dump({{"total", graph.total},
               {"offset", offset},
               {"nodes", JsonArray(graph.nodes, [](const auto& node) { return ToJson(node); })}});
}

std::string GraphStatsJson(std::span<const store::NodeStats> nodes) {
  const auto to_json = [](const store::NodeStats& stats) {
    return Json{{"name", stats.name},
                {"device", stats.device},
                {"executions", stats.executions},
                {"duration_us", JsonNumber(stats.duration_us)},
                {"memory_bytes", stats.memory_bytes}};
  };
  return Dump({{"nodes", JsonArray(nodes, to_json)}});
}

std::string TensorsJson(std::span<const store::TensorInfo> tensors) {
  const auto to_json = [](const store::TensorInfo& info) {
    return Json{{"step", info.step},     {"wall_time", JsonNumber(info.wall_time)},
                {"repeat", info.repeat}, {"dtype", store::DtypeName(info.dtype)},
                {"shape", info.shape},   {"bytes", info.bytes}};
  };
  return Dump({{"tensors", JsonArray(tensors, to_json)}});
}

Result<std::string> TensorJson(const store::TensorValue& tensor) {
  const std::string dtype = store::DtypeName(tensor.info.dtype);
  ASSIGN_OR_RETURN(Json values, ValuesJson(dtype, tensor));
  return Dump({{"dtype", dtype}, {"shape", tensor.info.shape}, {"values", std::move(values)}});
}

std::string HparamsExperimentJson(const HparamsOverview& overview) {
  const auto to_json = [](const auto& part) { return ToJson(part); };
  const auto group_json = [](const HparamGroup& group) {
    return Json{{"name", group.name}, {"hparams", ToJson(group.hparams)}, {"runs", group.runs}};
  };
  return Dump({{"experiments", JsonArray(overview.data.experiments, to_json)},
               {"hparams", JsonArray(overview.hparams, to_json)},
               {"metrics", JsonArray(overview.metrics, to_json)},
               {"sessions", JsonArray(overview.data.sessions, to_json)},
               {"groups", JsonArray(overview.groups, group_json)}});
}

std::string EmbeddingFilesJson(std::span<const store::ProjectorTensor> tensors) {
  const auto to_json = [](const store::ProjectorTensor& info) {
    Json sprite = nullptr;
    if (info.sprite_bytes > 0) {
      sprite = {{"width", info.sprite_width},
                {"height", info.sprite_height},
                {"bytes", info.sprite_bytes}};
    }
    return Json{{"tensor_name", info.tensor_name},
                {"tag", info.tag},
                {"step", info.step},
                {"wall_time", JsonNumber(info.wall_time)},
                {"rows", info.rows},
                {"dims", info.dims},
                {"tensor_path", info.tensor_path},
                {"metadata_path", info.metadata_path},
                {"metadata_bytes", info.metadata_bytes},
                {"bookmarks_bytes", info.bookmarks_bytes},
                {"sprite", std::move(sprite)}};
  };
  return Dump({{"tensors", JsonArray(tensors, to_json)}});
}

std::string PrCurveItemJson(const store::PrCurve& curve) {
  return Dump({{"step", curve.step}, {"wall_time", JsonNumber(curve.wall_time)}});
}

std::string MeshItemJson(const store::Mesh& mesh, int64_t faces_dropped) {
  return Dump({{"step", mesh.info.step},
               {"wall_time", JsonNumber(mesh.info.wall_time)},
               {"index", mesh.info.index},
               {"vertices", mesh.info.vertices},
               {"faces", mesh.info.faces - faces_dropped},
               {"colours", mesh.info.colours},
               {"faces_dropped", faces_dropped}});
}

}  // namespace spirogram::web
