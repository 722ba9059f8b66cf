#include "projector/fuzzy_set.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "projector/float_math.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 256;
constexpr int kStepsMax = 100;
constexpr double kTolerance = 1e-6;  // of the sum
constexpr double kSigmaMin = 1e-3;   // of the mean distance

}  // namespace

void CalibrateMemberships(std::span<const float> distances, double target,
                          std::span<float> memberships) {
  CHECK(memberships.size() == distances.size());
  const auto nearest =
      std::find_if(distances.begin(), distances.end(), [](float d) { return d > 0; });
  const float rho = nearest == distances.end() ? 0.0F : *nearest;
  const float unit = distances.back() - rho;
  if (!(unit > 0)) {
    std::fill(memberships.begin(), memberships.end(), 1.0F);
    return;
  }
  const auto excess = [&](size_t j) { return std::max(0.0F, (distances[j] - rho) / unit); };
  // The sum falls and is convex in 1 / sigma: Newton's steps from 0 approach the root from one side
  // and need no bracket.
  const double sum_of_distances = std::accumulate(distances.begin(), distances.end(), 0.0);
  const double mean = sum_of_distances / static_cast<double>(distances.size() + 1);
  const double slope_max = unit / (kSigmaMin * mean);
  double slope = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    double sum = 0;
    double derivative = 0;
    for (size_t j = 0; j < distances.size(); ++j) {
      const float e = excess(j);
      memberships[j] = ExpOfNegative(static_cast<float>(-slope) * e);
      sum += memberships[j];
      derivative += double{memberships[j]} * e;
    }
    if (sum - target <= kTolerance * target || slope >= slope_max || derivative <= 0) return;
    slope = std::min(slope + (sum - target) / derivative, slope_max);
  }
}

Result<SymmetricEdges> FuzzySet(NeighborGraph graph, ThreadPool* pool,
                                const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckNeighborGraph(graph));
  const int neighbors = graph.neighbors;
  const double target = std::log2(neighbors + 1);
  const bool is_done =
      pool->ForBlocks(graph.points, kBlockRows, stop, [&](int64_t begin, int64_t end) {
        std::vector<float> memberships(static_cast<size_t>(neighbors));
        std::vector<WeightedColumn> scratch(static_cast<size_t>(neighbors));
        for (int64_t row = begin; row < end; ++row) {
          const std::span<const float> distances = graph.RowDistances(row);
          CalibrateMemberships(distances, target, memberships);
          std::copy(memberships.begin(), memberships.end(),
                    graph.distances.begin() + row * neighbors);
          SortRowByColumn(row, neighbors, &graph, &scratch);
        }
      });
  if (!is_done) return Cancelled("fuzzy set: stop requested");
  return Symmetrise(graph, neighbors, {1, -1}, pool, stop);
}

}  // namespace spirogram::projector
