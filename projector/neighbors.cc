#include "projector/neighbors.h"

#include <algorithm>
#include <limits>
#include <new>
#include <optional>
#include <utility>

#include "base/str.h"
#include "gpu/library.h"
#include "projector/knn_cells.h"
#include "projector/knn_cuda.h"
#include "projector/knn_distance.h"
#include "projector/knn_exact.h"
#include "projector/matrix.h"

namespace spirogram::projector {
namespace {

// Every pair, by one core with 512-bit registers (knn_bench): 2e-11 s of a pair of rows and a dim,
// where finding the near ones costs as much as kFixedDims more dims would.
constexpr double kFixedDims = 50;
constexpr double kPairSeconds = 2e-11;
constexpr double kMomentSeconds = 2;  // quicker than this, cells are not worth a thought
// Of the rows: as many comparisons of each take half as long as every pair. Those for a cell serve
// one of the two rows alone, come in lots that do not fill the registers, and are not all.
constexpr double kComparedShareMax = 0.2;

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
  if (!(options.recall > 0 && options.recall <= 1)) {
    return InvalidArgument(
        StrCat("neighbours: got recall ", options.recall, ", want a share above 0 to 1"));
  }
  return {};
}

// How many comparisons of a row are worth trying cells for.
double ComparisonsMax(const MatrixView& matrix, NeighborOptions::Method method) {
  constexpr double kAny = std::numeric_limits<double>::infinity();
  if (method == NeighborOptions::Method::kCells) return kAny;
  if (method == NeighborOptions::Method::kExact) return 0;
  if (matrix.points > kExactRowsMax) return kAny;
  const auto rows = static_cast<double>(matrix.points);
  const double exact =
      kPairSeconds * rows * rows / 2 * (static_cast<double>(matrix.dims) + kFixedDims);
  return exact < kMomentSeconds ? 0 : kComparedShareMax * rows;
}

bool UsesGpu(const MatrixView& matrix, const NeighborOptions& options) {
  if (options.device == Device::kCpu || options.method == NeighborOptions::Method::kCells) {
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
  const double comparisons_max = ComparisonsMax(matrix, options.method);
  if (comparisons_max > 0) {
    ASSIGN_OR_RETURN(std::optional<NeighborGraph> graph,
                     CellNeighbors(matrix, options, comparisons_max, pool, stop, progress));
    if (graph) return std::move(*graph);
    if (!progress) return ExactNeighbors(matrix, options, pool, stop, {});
    return ExactNeighbors(matrix, options, pool, stop,
                          [&](double share) { progress(std::max(share, kCellsTriedShare)); });
  }
  return ExactNeighbors(matrix, options, pool, stop, progress);
}

}  // namespace

Result<NeighborGraph> NearestNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress) {
  RETURN_IF_ERROR(CheckMatrix(matrix, pool, stop));
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

int64_t NeighborMemoryBytes(int64_t points, int64_t dims, int neighbors) {
  constexpr int64_t kFixedBytes = int64_t{64} << 20;  // blocks of the threads
  const int64_t k = neighbors;
  const int64_t copy = points * dims * static_cast<int64_t>(sizeof(float));
  // In cells the copy has gaps (row_cells.h); lists of candidates are for few rows at a time.
  const int64_t cells = copy * 5 / 4 + 48 * points;
  const int64_t exact = points > kExactRowsMax ? 0 : copy + 8 * (2 * k + 40) * points;
  return 8 * k * points + std::max(cells, exact) + kFixedBytes;
}

}  // namespace spirogram::projector
