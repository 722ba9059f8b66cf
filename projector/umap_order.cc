#include "projector/umap_order.h"

#include <cmath>
#include <limits>

namespace spirogram::projector {
double IntrinsicDims(const NeighborGraph& graph, Metric metric) {
  double logs = 0;
  int64_t count = 0;
  for (int64_t row = 0; row < graph.points; ++row) {
    const auto distances = graph.RowDistances(row);
    if (!(distances.front() > 0)) continue;
    for (const float distance : distances.first(distances.size() - 1)) {
      logs += std::log(double{distances.back()} / distance);
      ++count;
    }
  }
  // A cosine distance is half the square of the one along the sphere.
  if (metric == Metric::kCosine) logs /= 2;
  return logs > 0 ? static_cast<double>(count) / logs : std::numeric_limits<double>::infinity();
}

UmapOrder UmapOrderFor(const NeighborGraph& graph, Metric metric, int map_dims) {
  const bool is_flat =
      graph.points <= kPointsInTurnMax && IntrinsicDims(graph, metric) < map_dims + 1;
  return is_flat ? UmapOrder::kEdgesInTurn : UmapOrder::kPointsAtOnce;
}

}  // namespace spirogram::projector
