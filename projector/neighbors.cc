#include "projector/neighbors.h"

#include <atomic>
#include <cmath>
#include <limits>

#include "base/str.h"
#include "projector/knn_distance.h"
#include "projector/knn_exact.h"
#include "projector/matrix.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kCheckRows = 1024;

Status CheckOptions(const MatrixView& matrix, const NeighborOptions& options) {
  if (matrix.points > std::numeric_limits<int32_t>::max()) {
    return Exhausted(StrCat("neighbours: got ", matrix.points, " rows, want at most ",
                            std::numeric_limits<int32_t>::max()));
  }
  if (matrix.points < 2) {
    return InvalidArgument(StrCat("neighbours: got ", matrix.points, " rows, want at least 2"));
  }
  if (options.neighbors < 1 || options.neighbors >= matrix.points) {
    return InvalidArgument(StrCat("neighbours: got k = ", options.neighbors, ", want 1 to ",
                                  matrix.points - 1, ", one less than the rows"));
  }
  return {};
}

Status CheckDirections(const MatrixView& matrix) {
  const std::vector<double> inverse_norms = InverseNorms(matrix);
  for (size_t i = 0; i < inverse_norms.size(); ++i) {
    if (std::isfinite(inverse_norms[i])) continue;
    return InvalidArgument(
        StrCat("neighbours: row ", i, " is all zeros, which has no direction for cosine"));
  }
  return {};
}

}  // namespace

Result<NeighborGraph> NearestNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress) {
  RETURN_IF_ERROR(CheckMatrix(matrix));
  RETURN_IF_ERROR(CheckOptions(matrix, options));
  if (stop.stop_requested()) return Cancelled("neighbours: stop requested");
  if (options.metric == Metric::kCosine) RETURN_IF_ERROR(CheckDirections(matrix));
  return ExactNeighbors(matrix, options, pool, stop, progress);
}

}  // namespace spirogram::projector
