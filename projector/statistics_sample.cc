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
constexpr int64_t kRowsMin = 20;  // fewer prove nothing
constexpr int kNeighbors = 2;     // what the intrinsic dimension needs

}  // namespace

Result<EmbeddingStatistics> ComputeSampleStatistics(const MatrixView& matrix, ThreadPool* pool,
                                                    const std::stop_token& stop) {
  const StatisticsOptions options;
  if (matrix.points < kRowsMin || matrix.dims < 1) {
    return InvalidArgument(StrCat("got ", matrix.points, " rows of ", matrix.dims,
                                  " dims, want at least ", kRowsMin, " rows"));
  }
  std::vector<float> values =
      CopyRows(matrix, SampleRows(matrix.points, kSampleRows, options.seed));
  ASSIGN_OR_RETURN(const std::vector<int64_t> left_out,
                   FindRowsToLeaveOut({values, std::ssize(values) / matrix.dims, matrix.dims}));
  TakeRowsOut(left_out, matrix.dims, &values);
  const FarRows far = FindFarRows({values, std::ssize(values) / matrix.dims, matrix.dims});
  TakeRowsOut(far.rows, matrix.dims, &values);
  const MatrixView rows{values, std::ssize(values) / matrix.dims, matrix.dims};
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
  // The search for clusters takes longer than all of these.
  const bool is_suspect =
      statistics.tightness < kTightnessMax || !FindEmbeddingFaults(statistics, {}, {}).empty();
  if (is_suspect) {
    ASSIGN_OR_RETURN(statistics.clusters, ComputeClusters(rows, options, pool, stop));
  }
  if (stop.stop_requested()) return Cancelled("statistics: stop requested");
  return statistics;
}

}  // namespace spirogram::projector
