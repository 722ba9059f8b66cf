#include <utility>
#include <vector>

#include "base/str.h"
#include "projector/far_rows.h"
#include "projector/findings.h"
#include "projector/finite_rows.h"
#include "projector/sampling.h"
#include "projector/statistics.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kSampleRows = 2'000;
constexpr int64_t kFewRows = 300;
constexpr int64_t kRowsMin = 20;  // fewer prove nothing
constexpr int kNeighbors = 2;     // what the intrinsic dimension needs
constexpr int64_t kPairsToARow = 10;

// Of so many rows, and without the search for clusters, which takes longer than all the rest.
Result<EmbeddingStatistics> Measure(const MatrixView& matrix, int64_t sample_rows,
                                    std::vector<float>* values, ThreadPool* pool,
                                    const std::stop_token& stop) {
  StatisticsOptions options;
  options.pairs = kPairsToARow * sample_rows;
  *values = CopyRows(matrix, SampleRows(matrix.points, sample_rows, options.seed));
  const auto view = [&] {
    return MatrixView{*values, std::ssize(*values) / matrix.dims, matrix.dims};
  };
  ASSIGN_OR_RETURN(const std::vector<int64_t> left_out, FindRowsToLeaveOut(view()));
  TakeRowsOut(left_out, matrix.dims, values);
  TakeRowsOut(FindFarRows(view()).rows, matrix.dims, values);
  const MatrixView rows = view();
  if (rows.points < kRowsMin) {
    return InvalidArgument(
        StrCat("got ", rows.points, " rows that are finite, want at least ", kRowsMin));
  }
  NeighborOptions nearest;
  nearest.neighbors = kNeighbors;
  ASSIGN_OR_RETURN(const NeighborGraph graph, NearestNeighbors(rows, nearest, pool, stop, {}));
  EmbeddingStatistics statistics;
  statistics.points = rows.points;
  statistics.dims = rows.dims;
  statistics.spectrum = ComputeSpectrum(rows, options, pool, stop);
  statistics.directions = ComputeDirections(rows, options);
  statistics.tightness = ComputeTightness(rows, graph, options);
  statistics.two_nn = TwoNearestDimension(graph);
  return statistics;
}

// Whether more rows, whose nearest ones are nearer and whose figures are more exact, would bring no
// alarm either.
bool IsFarFromAlarms(const EmbeddingStatistics& statistics) {
  return FindEmbeddingFaults(statistics, {}, {}).empty() &&
         statistics.tightness >= 3 * kTightnessMax &&
         statistics.directions.spread_ratio >= 2 * kCollapseSpreadMax &&
         statistics.two_nn >= 1.5 * kIntrinsicMin;
}

}  // namespace

Result<EmbeddingStatistics> ComputeSampleStatistics(const MatrixView& matrix, ThreadPool* pool,
                                                    const std::stop_token& stop) {
  if (matrix.points < kRowsMin || matrix.dims < 1) {
    return InvalidArgument(StrCat("got ", matrix.points, " rows of ", matrix.dims,
                                  " dims, want at least ", kRowsMin, " rows"));
  }
  std::vector<float> rows;
  auto few = Measure(matrix, kFewRows, &rows, pool, stop);
  const bool is_enough = matrix.points > kFewRows && few.ok() && IsFarFromAlarms(*few);
  auto statistics = is_enough ? std::move(few) : Measure(matrix, kSampleRows, &rows, pool, stop);
  if (!statistics.ok()) return statistics;
  const bool is_suspect =
      statistics->tightness < kTightnessMax || !FindEmbeddingFaults(*statistics, {}, {}).empty();
  if (is_suspect) {
    const StatisticsOptions options;
    const MatrixView sample{rows, statistics->points, matrix.dims};
    ASSIGN_OR_RETURN(statistics->clusters, ComputeClusters(sample, options, pool, stop));
  }
  if (stop.stop_requested()) return Cancelled("statistics: stop requested");
  return statistics;
}

}  // namespace spirogram::projector
