#include "mapping/placement.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "projector/transform.h"

namespace spirogram::mapping {

Result<Map> PlaceRows(const Table& table, const Table& reference, std::span<const float> map,
                      const MapOptions& options,
                      const std::function<void(const MapProgress&)>& progress,
                      const std::stop_token& stop) {
  projector::TransformOptions transform;
  transform.dims = options.tsne.dims;
  // A small reference has fewer neighbours to give.
  transform.perplexity =
      std::clamp(static_cast<double>(reference.matrix().points) / 3, 1.0, transform.perplexity);
  transform.threads = options.tsne.threads;
  transform.courtesy = options.tsne.courtesy;
  const auto tell = [&](const projector::TransformProgress& at) {
    progress({"placement", at.share, std::nan("")});
  };
  ASSIGN_OR_RETURN(
      projector::TransformResult result,
      projector::TransformPoints(reference.matrix(), map, table.matrix(), transform, tell, stop));
  Map placed;
  placed.method = Method::kPlacement;
  placed.points = table.matrix().points;
  placed.dims = transform.dims;
  placed.device = "cpu";
  placed.engine = "exact";
  placed.neighbors = "exact";
  placed.iterations = result.iterations;
  placed.coordinates = std::move(result.coordinates);
  placed.placement = {reference.name, reference.matrix().points, result.neighbors_judged,
                      result.recall};
  placed.span = SpanOf(placed.view());
  placed.quality_absent = "placed rows are judged by their neighbours in the reference";
  placed.seconds = {{"placement", result.seconds}};
  placed.PutBack(table.left_out);
  return placed;
}

}  // namespace spirogram::mapping
