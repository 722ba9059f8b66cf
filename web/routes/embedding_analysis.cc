// What is computed from the rows of an embedding themselves, not from a map of them.
#include <span>
#include <utility>

#include "base/str.h"
#include "web/columns.h"
#include "web/embedding_changes.h"
#include "web/json.h"
#include "web/json_embedding.h"
#include "web/routes/handlers.h"
#include "web/row_neighbours.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kNeighborsRange = {1, 999};
constexpr IntegerRange kChangeNeighborsRange = {1, 100};

Result<projector::Metric> OptionalMetric(const Query& query) {
  const std::string* metric = query.Find("metric");
  if (metric == nullptr || *metric == "cosine") return projector::Metric::kCosine;
  if (*metric == "euclidean") return projector::Metric::kEuclidean;
  return InvalidArgument(
      StrCat("query parameter metric: got ", Quoted(*metric), ", want euclidean or cosine"));
}

Response UnderWay() {
  Response response = JsonResponse(R"({"state":"running"})");
  response.status = 202;
  return response;
}

// A checkpoint by name and by when it was logged: files beside the event files are written anew at
// the same step.
std::string KeyOf(const EmbeddingPlace& place, const store::EmbeddingInfo& info) {
  return StrCat(place.run, " ", place.step, " ", info.wall_time, " ", place.tag.size(), " ",
                place.tag);
}

Result<EmbeddingPlace> RequiredPlace(const Call& call) {
  ASSIGN_OR_RETURN(Series series, RequiredSeries(call));
  EmbeddingPlace place;
  place.run = series.run;
  place.tag = std::move(series.tag);
  ASSIGN_OR_RETURN(place.step, call.query.Integer("step", {}));
  return place;
}

Result<EmbeddingPlace> FromPlace(const Call& call, const EmbeddingPlace& to) {
  EmbeddingPlace from;
  ASSIGN_OR_RETURN(from.run, call.query.Integer("from_run", {1, INT64_MAX}, to.run));
  ASSIGN_OR_RETURN(auto tag, OptionalTag(call, "from_tag", {&from.run, 1}));
  from.tag = tag ? *std::move(tag) : to.tag;
  ASSIGN_OR_RETURN(from.step, call.query.Integer("from_step", {}));
  return from;
}

std::string ChangesMessage(const EmbeddingPlace& from, const EmbeddingPlace& to, int64_t neighbors,
                           const EmbeddingChanges& changes) {
  ColumnsBuilder builder;
  builder.BeginItem(ChangesItemJson(to.step, from.step, neighbors, changes));
  builder.Add("change", std::span<const float>(changes.change));
  return builder.Finish();
}

}  // namespace

Result<Response> HandleEmbeddingNeighbors(const Call& call) {
  ASSIGN_OR_RETURN(const EmbeddingPlace place, RequiredPlace(call));
  ASSIGN_OR_RETURN(const int64_t row, call.query.Integer("row", {0, INT64_MAX}));
  ASSIGN_OR_RETURN(const int64_t count, call.query.Integer("k", kNeighborsRange, 10));
  ASSIGN_OR_RETURN(const projector::Metric metric, OptionalMetric(call.query));
  ASSIGN_OR_RETURN(const auto embedding,
                   call.context.embeddings.Read(place.run, place.tag, place.step));
  ASSIGN_OR_RETURN(const auto neighbours, RowNeighbours(*embedding, row, count, metric));
  std::vector<uint32_t> rows;
  std::vector<float> distances;
  for (const Neighbour& neighbour : neighbours) {
    rows.push_back(static_cast<uint32_t>(neighbour.row));
    distances.push_back(static_cast<float>(neighbour.distance));
  }
  ColumnsBuilder builder;
  builder.BeginItem(NeighborsItemJson(row, place.step, metric));
  builder.Add("row", std::span<const uint32_t>(rows));
  builder.Add("distance", std::span<const float>(distances));
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandleEmbeddingStatistics(const Call& call) {
  ASSIGN_OR_RETURN(const EmbeddingPlace place, RequiredPlace(call));
  store::Store& store = call.context.store;
  ASSIGN_OR_RETURN(const auto info, FindCheckpoint(store, place.run, place.tag, place.step));
  const int64_t memory_max = call.context.analysis_memory_max;
  const auto compute = [&store, place,
                        memory_max](const std::stop_token& stop) -> Result<std::string> {
    ASSIGN_OR_RETURN(const EmbeddingReport report,
                     ReportEmbedding(store, place.run, place.tag, place.step, memory_max, stop));
    return EmbeddingReportJson(report);
  };
  ASSIGN_OR_RETURN(const auto body,
                   call.context.analyses.Ask("statistics " + KeyOf(place, info), compute));
  return body ? JsonResponse(*body) : UnderWay();
}

Result<Response> HandleEmbeddingChanges(const Call& call) {
  ASSIGN_OR_RETURN(const EmbeddingPlace to, RequiredPlace(call));
  ASSIGN_OR_RETURN(const EmbeddingPlace from, FromPlace(call, to));
  ASSIGN_OR_RETURN(const int64_t count, call.query.Integer("k", kChangeNeighborsRange, 10));
  store::Store& store = call.context.store;
  const int64_t memory_max = call.context.analysis_memory_max;
  ASSIGN_OR_RETURN(const auto to_info, FindCheckpoint(store, to.run, to.tag, to.step));
  ASSIGN_OR_RETURN(const auto from_info, FindCheckpoint(store, from.run, from.tag, from.step));
  RETURN_IF_ERROR(CheckComparable(from_info, to_info, count, memory_max));
  const auto compute = [&store, from, to, count,
                        memory_max](const std::stop_token& stop) -> Result<std::string> {
    ASSIGN_OR_RETURN(const EmbeddingChanges changes,
                     CompareCheckpoints(store, from, to, count, memory_max, stop));
    return ChangesMessage(from, to, count, changes);
  };
  const std::string key =
      StrCat("changes ", count, " ", KeyOf(from, from_info), " ", KeyOf(to, to_info));
  ASSIGN_OR_RETURN(const auto body, call.context.analyses.Ask(key, compute));
  return body ? ColumnsResponse(*body) : UnderWay();
}

}  // namespace spirogram::web
