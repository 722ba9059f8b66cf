#include "base/str.h"
#include "web/json_kinds.h"
#include "web/problem.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kLimitRange = {1, 20'000};

Result<store::GraphInfo> FindGraph(const Call& call, const Series& series) {
  ASSIGN_OR_RETURN(const auto graphs, call.context.store.ReadGraphs(series.run));
  for (const store::GraphInfo& graph : graphs) {
    if (graph.tag == series.tag) return graph;
  }
  return NotFound(StrCat("run ", series.run, " has no graph ", Quoted(series.tag)));
}

std::string_view FileName(store::GraphType type) {
  switch (type) {
    case store::GraphType::kRunGraph:
      return "graph.pb";
    case store::GraphType::kKerasModel:
      return "keras_model.json";
    default:
      return "run_metadata.pb";
  }
}

// Malformed bytes are the user's, as they were logged: no fault of the server.
Result<Response> Refuse(const Error& error, const Call& call) {
  if (error.code != ErrorCode::kCorruption) return error;
  return ProblemResponse(415, error.message, call.request.id);
}

}  // namespace

Result<Response> HandleGraphs(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunId run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(const auto graphs, call.context.store.ReadGraphs(run));
  return JsonResponse(GraphsJson(graphs));
}

Result<Response> HandleGraphData(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const store::GraphInfo graph, FindGraph(call, series));
  ASSIGN_OR_RETURN(std::string bytes, call.context.store.ReadGraphBytes(series.run, series.tag));
  return DownloadResponse(std::move(bytes), FileName(graph.type));
}

Result<Response> HandleGraphNodes(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const int64_t offset, call.query.Integer("offset", {0, INT64_MAX}, 0));
  ASSIGN_OR_RETURN(const int64_t limit, call.query.Integer("limit", kLimitRange, 5000));
  ASSIGN_OR_RETURN(const store::GraphInfo graph, FindGraph(call, series));
  ASSIGN_OR_RETURN(const std::string bytes,
                   call.context.store.ReadGraphBytes(series.run, series.tag));
  const Result<store::GraphNodes> nodes =
      graph.type == store::GraphType::kKerasModel
          ? ParseKerasNodes(bytes, offset, limit)
          : store::ParseGraphNodes(graph.type, bytes, offset, limit);
  if (!nodes.ok()) return Refuse(nodes.error(), call);
  return JsonResponse(GraphNodesJson(*nodes, offset));
}

Result<Response> HandleGraphStats(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const store::GraphInfo graph, FindGraph(call, series));
  ASSIGN_OR_RETURN(const std::string bytes,
                   call.context.store.ReadGraphBytes(series.run, series.tag));
  const auto stats = store::ParseGraphStats(graph.type, bytes);
  if (!stats.ok()) return Refuse(stats.error(), call);
  return JsonResponse(GraphStatsJson(*stats));
}

}  // namespace spirogram::web
