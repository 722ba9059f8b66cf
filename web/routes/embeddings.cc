#include <string>
#include <utility>

#include "base/str.h"
#include "web/etag.h"
#include "web/json.h"
#include "web/json_kinds.h"
#include "web/problem.h"
#include "web/routes/handlers.h"
#include "web/row_neighbours.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kNeighboursRange = {1, 1000};

// A file that a projector config names beside an embedding's tensor.
Result<std::string> ReadAsset(const Call& call, store::ProjectorAsset asset) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  ASSIGN_OR_RETURN(const auto tensors, call.context.store.ReadProjectorTensors(series.run));
  const bool is_sprite = asset == store::ProjectorAsset::kSprite;
  for (const store::ProjectorTensor& tensor : tensors) {
    const uint64_t bytes = is_sprite ? tensor.sprite_bytes : tensor.bookmarks_bytes;
    if (tensor.tag != series.tag || tensor.step != step || bytes == 0) continue;
    return call.context.store.ReadProjectorAsset(series.run, tensor.tensor_name, asset);
  }
  return NotFound(StrCat("embedding ", Quoted(series.tag), " of run ", series.run, " has no ",
                         is_sprite ? "sprite" : "bookmarks", " at step ", step));
}

}  // namespace

Result<Response> HandleEmbeddings(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const auto checkpoints,
                   call.context.store.ReadEmbeddings(series.run, series.tag));
  return JsonResponse(EmbeddingsJson(checkpoints));
}

Result<Response> HandleEmbeddingMetadata(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const auto metadata,
                   call.context.store.ReadEmbeddingMetadata(series.run, series.tag));
  return JsonResponse(EmbeddingMetadataJson(metadata));
}

Result<Response> HandleEmbeddingRow(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  ASSIGN_OR_RETURN(const int64_t row, call.query.Integer("row", {0, INT64_MAX}));
  ASSIGN_OR_RETURN(const int64_t count, call.query.Integer("neighbours", kNeighboursRange, 10));
  ASSIGN_OR_RETURN(const auto embedding,
                   call.context.embeddings.Read(series.run, series.tag, step));
  ASSIGN_OR_RETURN(const auto neighbours,
                   RowNeighbours(*embedding, row, count, projector::Metric::kCosine));
  return JsonResponse(NeighboursJson(row, neighbours));
}

Result<Response> HandleEmbeddingFiles(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunId run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(const store::Run known, call.context.store.ReadRun(run));
  ASSIGN_OR_RETURN(const auto tensors, call.context.store.ReadProjectorTensors(known.id));
  return JsonResponse(EmbeddingFilesJson(tensors));
}

Result<Response> HandleSprite(const Call& call) {
  ASSIGN_OR_RETURN(std::string bytes, ReadAsset(call, store::ProjectorAsset::kSprite));
  const std::string_view type = ImageType(bytes);
  if (type.empty()) {
    return ProblemResponse(415, "the sprite is no PNG, JPEG, GIF, WebP or BMP", call.request.id);
  }
  return MediaResponse(call.request, type, std::move(bytes));
}

Result<Response> HandleBookmarks(const Call& call) {
  ASSIGN_OR_RETURN(std::string bytes, ReadAsset(call, store::ProjectorAsset::kBookmarks));
  return MediaResponse(call.request, "application/json", std::move(bytes));
}

}  // namespace spirogram::web
