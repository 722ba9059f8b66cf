#include <algorithm>
#include <vector>

#include "projector/clusters.h"
#include "projector/sampling.h"
#include "projector/statistics.h"

namespace spirogram::projector {
namespace {

constexpr int kClusterCounts[] = {2, 3, 5, 8, 10, 16, 32, 50};
constexpr int64_t kAssignRows = 256;

}  // namespace

Result<ClusterStatistics> ComputeClusters(const MatrixView& matrix,
                                          const StatisticsOptions& options, ThreadPool* pool,
                                          const std::stop_token& stop) {
  ClusterStatistics statistics;
  const std::vector<float> values =
      CopyRows(matrix, SampleRows(matrix.points, options.cluster_rows_max, options.seed));
  const MatrixView sample{values, static_cast<int64_t>(values.size()) / matrix.dims, matrix.dims};
  statistics.rows = sample.points;
  statistics.assignment.assign(static_cast<size_t>(matrix.points), 0);
  const std::vector<float> squares = SquaredDistances(sample, pool, stop);
  if (stop.stop_requested()) return Cancelled("statistics: stop requested");
  if (std::ranges::all_of(squares, [](float square) { return square == 0; })) return statistics;

  std::vector<int> counts;
  for (const int k : kClusterCounts) {
    if (k < sample.points) counts.push_back(k);
  }
  std::vector<Clustering> clusterings(counts.size());
  std::vector<double> silhouettes(counts.size());
  pool->ForBlocks(static_cast<int64_t>(counts.size()), 1, stop, [&](int64_t at, int64_t) {
    const auto index = static_cast<size_t>(at);
    clusterings[index] = KMeans(sample, squares, counts[index], options.seed, stop);
    silhouettes[index] = Silhouette(squares, clusterings[index].assignment, counts[index]);
  });
  if (stop.stop_requested()) return Cancelled("statistics: stop requested");
  if (counts.empty()) return statistics;
  const auto best =
      static_cast<size_t>(std::ranges::max_element(silhouettes) - silhouettes.begin());
  statistics.silhouette = silhouettes[best];
  statistics.clusters = counts[best];
  double total = 0;  // sum of squares about the mean: the mean over pairs, halved
  for (const float square : squares) total += square / (2 * static_cast<double>(sample.points));
  statistics.within_share = clusterings[best].within / total;
  const bool is_done =
      pool->ForBlocks(matrix.points, kAssignRows, stop, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          statistics.assignment[static_cast<size_t>(i)] =
              NearestCentre(matrix.values.subspan(static_cast<size_t>(i * matrix.dims),
                                                  static_cast<size_t>(matrix.dims)),
                            clusterings[best].centres);
        }
      });
  if (!is_done) return Cancelled("statistics: stop requested");
  return statistics;
}

}  // namespace spirogram::projector
