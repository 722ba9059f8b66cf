#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "projector/clusters.h"
#include "projector/linkage.h"
#include "projector/sampling.h"
#include "projector/statistics.h"

namespace spirogram::projector {
namespace {

constexpr int kClusterCounts[] = {2, 3, 5, 8, 10, 16, 32, 50};
// Where the best of these tells less, there are no clusters whose number would be worth more work.
constexpr double kSilhouetteOfClusters = 0.5;
// Where clusters have fewer rows than this on average, a sample cannot tell them.
constexpr int64_t kClusterRowsMin = 4;
constexpr int64_t kAssignRows = 256;

struct Trial {
  Clustering clustering;
  double silhouette = 0;
};
using Trials = std::map<int, Trial>;  // by the number of clusters

// Of equals the fewest clusters.
Trials::const_iterator Best(const Trials& trials) {
  return std::ranges::max_element(trials, {},
                                  [](const auto& trial) { return trial.second.silhouette; });
}

// The numbers halfway between the best and those next to it. The silhouette rises up to the number
// that there are and falls beyond it.
std::vector<int> CountsBesideBest(const Trials& trials) {
  const auto best = Best(trials);
  std::vector<int> counts;
  const auto add_between = [&](int fewer, int more) {
    if (more - fewer > 1) counts.push_back(fewer + (more - fewer) / 2);
  };
  if (best->second.silhouette < kSilhouetteOfClusters) return counts;
  if (best != trials.begin()) add_between(std::prev(best)->first, best->first);
  if (std::next(best) != trials.end()) add_between(best->first, std::next(best)->first);
  return counts;
}

void Try(const std::vector<int>& counts, const MatrixView& sample, std::span<const float> squares,
         uint64_t seed, ThreadPool* pool, const std::stop_token& stop, Trials* trials) {
  std::vector<Trial> made(counts.size());
  pool->ForBlocks(std::ssize(counts), 1, stop, [&](int64_t at, int64_t) {
    const auto index = static_cast<size_t>(at);
    Trial& trial = made[index];
    trial.clustering = KMeans(sample, squares, counts[index], seed, stop);
    trial.silhouette = Silhouette(squares, trial.clustering.assignment, counts[index]);
  });
  for (size_t i = 0; i < counts.size(); ++i) trials->emplace(counts[i], std::move(made[i]));
}

// Clusters that are more than k-means looks for, if there are such.
void TryMany(const MatrixView& sample, std::span<const float> squares, Trials* trials) {
  const int fewest = *std::rbegin(kClusterCounts) + 1;
  std::optional<Clustering> clustering =
      CutAtLargestStep(sample, squares, fewest, sample.points / kClusterRowsMin);
  if (!clustering) return;
  const auto k = static_cast<int>(std::ssize(clustering->centres) / sample.dims);
  const double silhouette = Silhouette(squares, clustering->assignment, k);
  trials->emplace(k, Trial{std::move(*clustering), silhouette});
}

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
  if (counts.empty()) return statistics;
  Trials trials;
  while (!counts.empty()) {
    Try(counts, sample, squares, options.seed, pool, stop, &trials);
    if (stop.stop_requested()) return Cancelled("statistics: stop requested");
    counts = CountsBesideBest(trials);
  }
  TryMany(sample, squares, &trials);
  const auto best = Best(trials);
  const Clustering& clustering = best->second.clustering;
  statistics.silhouette = best->second.silhouette;
  statistics.clusters = best->first;
  double total = 0;  // sum of squares about the mean: the mean over pairs, halved
  for (const float square : squares) total += square / (2 * static_cast<double>(sample.points));
  statistics.within_share = clustering.within / total;
  const bool is_done =
      pool->ForBlocks(matrix.points, kAssignRows, stop, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          statistics.assignment[static_cast<size_t>(i)] =
              NearestCentre(matrix.values.subspan(static_cast<size_t>(i * matrix.dims),
                                                  static_cast<size_t>(matrix.dims)),
                            clustering.centres);
        }
      });
  if (!is_done) return Cancelled("statistics: stop requested");
  return statistics;
}

}  // namespace spirogram::projector
