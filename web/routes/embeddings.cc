#include "web/cosine_neighbours.h"
#include "web/json.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kNeighboursRange = {1, 1000};

}  // namespace

Result<Response> HandleEmbeddings(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call.query));
  ASSIGN_OR_RETURN(const auto checkpoints,
                   call.context.store.ReadEmbeddings(series.run, series.tag));
  return JsonResponse(EmbeddingsJson(checkpoints));
}

Result<Response> HandleEmbeddingMetadata(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call.query));
  ASSIGN_OR_RETURN(const auto metadata,
                   call.context.store.ReadEmbeddingMetadata(series.run, series.tag));
  return JsonResponse(EmbeddingMetadataJson(metadata));
}

Result<Response> HandleEmbeddingRow(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call.query));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  ASSIGN_OR_RETURN(const int64_t row, call.query.Integer("row", {0, INT64_MAX}));
  ASSIGN_OR_RETURN(const int64_t count, call.query.Integer("neighbours", kNeighboursRange, 10));
  ASSIGN_OR_RETURN(const auto embedding,
                   call.context.embeddings.Read(series.run, series.tag, step));
  ASSIGN_OR_RETURN(const auto neighbours, CosineNeighbours(*embedding, row, count));
  return JsonResponse(NeighboursJson(row, neighbours));
}

}  // namespace spirogram::web
