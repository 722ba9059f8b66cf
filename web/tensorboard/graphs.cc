#include <algorithm>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/graph_edit.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/keras_graph.h"
#include "web/tensorboard/proto_text.h"

namespace spirogram::web::tensorboard {
namespace {

using store::GraphInfo;
using store::GraphType;

Response TextProto(std::string text) {
  Response response;
  response.Set("Content-Type", "text/x-protobuf; charset=utf-8");
  response.body = std::move(text);
  return response;
}

Response Refusal(std::string_view text) {
  return TextResponse(400, text);
}

// What a program logged may be no graph at all: that is no failure of this server.
template <typename T>
Result<T> OfLog(Result<T> made) {
  if (made.ok() || made.error().code != ErrorCode::kCorruption) return made;
  return InvalidArgument(made.error().message);
}

// The bytes of a run's graph data of that tag, where its type is one of `types`.
Result<std::string> ReadBytes(const Call& call, const std::string& run_name, std::string_view tag,
                              std::initializer_list<GraphType> types) {
  const Error missing = NotFound(
      StrCat("run ", Quoted(run_name), " has no such graph data of the tag ", Quoted(tag)));
  ASSIGN_OR_RETURN(const auto run, call.store().FindRun(run_name));
  if (!run) return missing;
  ASSIGN_OR_RETURN(const auto graphs, call.store().ReadGraphs(*run));
  for (const GraphInfo& graph : graphs) {
    if (graph.tag != tag || std::find(types.begin(), types.end(), graph.type) == types.end()) {
      continue;
    }
    return call.store().ReadGraphBytes(*run, graph.tag);
  }
  return missing;
}

// "limit_attr_size" and "large_attrs_key": both or none.
struct Limit {
  int64_t bytes_max = 0;
  std::string large_attrs_key;
};
Result<std::optional<Limit>> LimitParameters(const Call& call) {
  const std::string* text = call.query.Find("limit_attr_size");
  if (text == nullptr) return std::optional<Limit>();
  const auto bytes_max = ParseNumber<int64_t>(*text);
  if (!bytes_max) return InvalidArgument("query parameter `limit_attr_size` must be an integer");
  const std::string* key = call.query.Find("large_attrs_key");
  if (key == nullptr) {
    return InvalidArgument("large_attrs_key must be != None when limit_attr_size!= None.");
  }
  if (*bytes_max <= 0) {
    return InvalidArgument(StrCat("limit_attr_size must be > 0, but is ", *bytes_max));
  }
  return std::optional(Limit{*bytes_max, *key});
}

Result<std::string> ReadGraphDef(const Call& call, const std::string& run, const std::string* tag) {
  if (tag == nullptr) return ReadBytes(call, run, store::kRunGraphTag, {GraphType::kRunGraph});
  ASSIGN_OR_RETURN(
      const std::string metadata,
      ReadBytes(call, run, *tag, {GraphType::kRunMetadata, GraphType::kRunMetadataGraph}));
  ASSIGN_OR_RETURN(const auto graphs, OfLog(FunctionGraphs(metadata)));
  return OfLog(MergeGraphs(graphs));
}

void WriteTagInfo(const GraphInfo& graph, JsonWriter* json) {
  const bool is_traced =
      graph.type == GraphType::kRunMetadata || graph.type == GraphType::kRunMetadataGraph;
  json->Key(graph.tag);
  json->BeginObject();
  json->Field("tag", graph.tag);
  json->Field("conceptual_graph", graph.type == GraphType::kKerasModel);
  json->Field("op_graph", is_traced);
  json->Field("profile",
              graph.type == GraphType::kRunMetadata || graph.type == GraphType::kTaggedMetadata);
  json->EndObject();
}

}  // namespace

Result<Response> HandleGraphInfo(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeries(call.store(), [](const store::Tag& tag) {
                     return tag.kind == store::DataKind::kGraph;
                   }));
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, tags] : series) {
    ASSIGN_OR_RETURN(const auto graphs, call.store().ReadGraphs(tags[0].run));
    bool has_run_graph = false;
    json.Key(run);
    json.BeginObject();
    json.Field("run", run);
    json.Key("tags");
    json.BeginObject();
    for (const GraphInfo& graph : graphs) {
      has_run_graph |= graph.type == GraphType::kRunGraph;
      if (graph.type != GraphType::kRunGraph) WriteTagInfo(graph, &json);
    }
    json.EndObject();
    json.Field("run_graph", has_run_graph);
    json.EndObject();
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleGraph(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* conceptual = call.query.Find("conceptual");
  if (run == nullptr) return Refusal("query parameter \"run\" is required");
  const auto limit = LimitParameters(call);
  if (!limit.ok()) return Refusal(limit.error().message);
  const std::string* tag = call.query.Find("tag");
  std::string graph;
  if (conceptual != nullptr && *conceptual == "true") {
    ASSIGN_OR_RETURN(const std::string model,
                     ReadBytes(call, *run, tag == nullptr ? "" : *tag, {GraphType::kKerasModel}));
    ASSIGN_OR_RETURN(graph, OfLog(KerasGraph(model)));
  } else {
    ASSIGN_OR_RETURN(graph, ReadGraphDef(call, *run, tag));
  }
  if (*limit) {
    ASSIGN_OR_RETURN(graph,
                     OfLog(LimitAttributes(graph, (*limit)->bytes_max, (*limit)->large_attrs_key)));
  }
  ASSIGN_OR_RETURN(std::string text, OfLog(PrintMessage(SchemaOf("GraphDef"), graph)));
  return TextProto(std::move(text));
}

Result<Response> HandleGraphRunMetadata(const Call& call) {
  const std::string* tag = call.query.Find("tag");
  const std::string* run = call.query.Find("run");
  if (tag == nullptr) return Refusal("query parameter \"tag\" is required");
  if (run == nullptr) return Refusal("query parameter \"run\" is required");
  ASSIGN_OR_RETURN(
      const std::string metadata,
      ReadBytes(call, *run, *tag, {GraphType::kTaggedMetadata, GraphType::kRunMetadata}));
  ASSIGN_OR_RETURN(std::string text, OfLog(PrintMessage(SchemaOf("RunMetadata"), metadata)));
  return TextProto(std::move(text));
}

}  // namespace spirogram::web::tensorboard
