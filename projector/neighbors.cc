#include "projector/neighbors.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>

#include "base/str.h"
#include "gpu/library.h"
#include "projector/knn_cuda.h"
#include "projector/knn_distance.h"
#include "projector/knn_exact.h"
#include "projector/knn_index.h"
#include "projector/matrix.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kCheckValues = 1 << 20;  // at a time

// Seconds of one core with 512-bit registers for 70,000 rows of 50 dims, k = 90 (knn_bench), spread
// over what the time grows with. Selection costs as much as kFixedDims more dims would.
constexpr double kFixedDims = 50;
constexpr double kPairSeconds = 2e-11;     // exact: of a pair of rows and a dim
constexpr double kInsertSeconds = 1.1e-6;  // index, one thread: of a row and a dim
constexpr double kSearchSeconds = 6e-9;    // index: of a row, a dim and a neighbour

// CheckMatrix on all threads, and on one only to name what is wrong.
Status CheckValues(const MatrixView& matrix, ThreadPool* pool, const std::stop_token& stop) {
  const auto size = static_cast<int64_t>(matrix.values.size());
  if (matrix.points < 1 || matrix.dims < 1 || size % matrix.dims != 0 ||
      size / matrix.dims != matrix.points) {
    return CheckMatrix(matrix);
  }
  std::atomic<bool> is_bad{false};
  const int64_t block_rows = std::max<int64_t>(1, kCheckValues / matrix.dims);
  const bool is_done =
      pool->ForBlocks(matrix.points, block_rows, stop, [&](int64_t begin, int64_t end) {
        const auto values = matrix.values.subspan(static_cast<size_t>(begin * matrix.dims),
                                                  static_cast<size_t>((end - begin) * matrix.dims));
        if (!CheckMatrix({values, end - begin, matrix.dims}).ok()) is_bad = true;
      });
  if (is_bad) return CheckMatrix(matrix);
  if (!is_done) return Cancelled("neighbours: stop requested");
  return {};
}

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

bool UsesIndex(const MatrixView& matrix, const NeighborOptions& options, int threads) {
  if (options.method != NeighborOptions::Method::kAuto) {
    return options.method == NeighborOptions::Method::kIndex;
  }
  const auto rows = static_cast<double>(matrix.points);
  const double dims = static_cast<double>(matrix.dims) + kFixedDims;
  const double exact = kPairSeconds * rows * rows / 2 * dims / threads;
  const double index =
      rows * dims * (kInsertSeconds + kSearchSeconds * options.neighbors / threads);
  return index < exact;
}

bool UsesGpu(const MatrixView& matrix, const NeighborOptions& options) {
  if (options.device == Device::kCpu || options.method == NeighborOptions::Method::kIndex) {
    return false;
  }
  if (options.device == Device::kCuda) return true;
  const auto rows = static_cast<double>(matrix.points);
  return rows * rows * static_cast<double>(matrix.dims) >= kGpuNeighborPairsMin &&
         gpu::Library::Get().ok();
}

Result<NeighborGraph> Search(const MatrixView& matrix, const NeighborOptions& options,
                             ThreadPool* pool, const std::stop_token& stop,
                             const std::function<void(double)>& progress) {
  if (UsesGpu(matrix, options)) {
    auto graph = CudaNeighbors(matrix, options, pool, stop, progress);
    // A GPU whose memory the training job holds is as good as none: the CPU serves.
    if (graph.ok() || options.device == Device::kCuda) return graph;
    if (graph.error().code == ErrorCode::kCancelled) return graph;
  }
  return UsesIndex(matrix, options, pool->threads())
             ? IndexedNeighbors(matrix, options, pool, stop, progress)
             : ExactNeighbors(matrix, options, pool, stop, progress);
}

}  // namespace

Result<NeighborGraph> NearestNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress) {
  RETURN_IF_ERROR(CheckValues(matrix, pool, stop));
  RETURN_IF_ERROR(CheckOptions(matrix, options));
  if (stop.stop_requested()) return Cancelled("neighbours: stop requested");
  if (options.metric == Metric::kCosine) RETURN_IF_ERROR(CheckDirections(matrix));
  try {
    return Search(matrix, options, pool, stop, progress);
  } catch (const std::bad_alloc&) {
    return Exhausted(StrCat("neighbours: no memory for ", options.neighbors, " neighbours of ",
                            matrix.points, " rows"));
  }
}

}  // namespace spirogram::projector
