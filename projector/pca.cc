#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/str.h"
#include "projector/cuda/backend.h"
#include "projector/eigen.h"
#include "projector/matrix.h"
#include "projector/projector.h"
#include "projector/scatter.h"

namespace spirogram::projector {
namespace {

// Eigenvalues below this share of the total are rounding noise, not variance.
constexpr double kVarianceShareMin = 1e-14;
// Entries this close to the largest one count as equal to it: rounding must not choose the sign.
constexpr double kSignTie = 1e-6;
// A picture has up to so many axes, also of rows with fewer values.
constexpr int64_t kPictureAxes = 3;
// Products of values below which the GPU is not worth waking.
constexpr double kGpuWorkMin = 1e9;

// k x D directions from the eigenvectors u (k x N) of the Gram matrix: Xc' u, normalised.
std::vector<double> DirectionsOfGram(const MatrixView& matrix, const std::vector<double>& means,
                                     const std::vector<double>& vectors) {
  const int64_t k = static_cast<int64_t>(vectors.size()) / matrix.points;
  std::vector<double> directions(static_cast<size_t>(k * matrix.dims), 0.0);
  std::vector<double> row(static_cast<size_t>(matrix.dims));
  for (int64_t i = 0; i < matrix.points; ++i) {
    CopyShifted(matrix, means, {i, 1, 0, matrix.dims}, row.data());
    for (int64_t c = 0; c < k; ++c) {
      cblas_daxpy(static_cast<int>(matrix.dims),
                  vectors[static_cast<size_t>(c * matrix.points + i)], row.data(), 1,
                  directions.data() + c * matrix.dims, 1);
    }
  }
  for (int64_t c = 0; c < k; ++c) {
    double* direction = directions.data() + c * matrix.dims;
    const double norm = cblas_dnrm2(static_cast<int>(matrix.dims), direction, 1);
    if (norm > 0) cblas_dscal(static_cast<int>(matrix.dims), 1 / norm, direction, 1);
  }
  return directions;
}

// Makes the first of the entries with the largest magnitude positive.
void FixSign(std::span<double> direction) {
  double largest = 0;
  for (const double entry : direction) largest = std::max(largest, std::abs(entry));
  for (const double entry : direction) {
    if (std::abs(entry) < largest * (1 - kSignTie)) continue;
    if (entry < 0) {
      for (double& flipped : direction) flipped = -flipped;
    }
    return;
  }
}

// N x d: the centred rows along the directions (k x D); columns from k on stay 0.
std::vector<float> Coordinates(const MatrixView& matrix, const std::vector<double>& means,
                               const std::vector<double>& directions, int64_t components,
                               ThreadPool* pool, const std::stop_token& stop) {
  const int64_t k = static_cast<int64_t>(directions.size()) / matrix.dims;
  std::vector<float> coordinates(static_cast<size_t>(matrix.points * components), 0.0F);
  if (k == 0) return coordinates;
  const int dims = static_cast<int>(matrix.dims);
  pool->ForBlocks(matrix.points, kScatterBlock, stop, [&](int64_t begin, int64_t end) {
    const int64_t rows = end - begin;
    std::vector<double> block(static_cast<size_t>(rows * matrix.dims));
    std::vector<double> projected(static_cast<size_t>(rows * k));
    CopyShifted(matrix, means, {begin, rows, 0, matrix.dims}, block.data());
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(rows),
                static_cast<int>(k), dims, 1, block.data(), dims, directions.data(), dims, 0,
                projected.data(), static_cast<int>(k));
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t c = 0; c < k; ++c) {
        coordinates[static_cast<size_t>((begin + i) * components + c)] =
            static_cast<float>(projected[static_cast<size_t>(i * k + c)]);
      }
    }
  });
  return coordinates;
}

Status CheckOptions(const MatrixView& matrix, const PcaOptions& options) {
  const int64_t components_max = std::max(matrix.dims, kPictureAxes);
  if (options.components < 1 || options.components > components_max) {
    return InvalidArgument(StrCat("PCA: got ", options.components, " components, want 1 to ",
                                  components_max, " of ", matrix.dims, " dims"));
  }
  for (const int drawn : options.drawn) {
    if (drawn >= 0 && drawn < options.components) continue;
    return InvalidArgument(
        StrCat("PCA: got component ", drawn, " to draw, want 0 to ", options.components - 1));
  }
  const int64_t side = std::min(matrix.points, matrix.dims);
  if (side > kPcaSideMax) {
    return Exhausted(StrCat("PCA: the smaller of ", matrix.points, " points and ", matrix.dims,
                            " dims is over ", kPcaSideMax));
  }
  return {};
}

// The eigenpairs of n x n `scatter` of which each has more than a trace of its whole variance.
Eigenpairs PairsWithVariance(const std::vector<double>& scatter, int64_t n, double variance,
                             const PcaOptions& options, ThreadPool* pool,
                             const std::stop_token& stop) {
  const int64_t wanted = std::min<int64_t>(options.components, n);
  Eigenpairs pairs = LargestEigenpairs(scatter, n, wanted, options.seed, pool, stop);
  while (!pairs.values.empty() && pairs.values.back() <= kVarianceShareMin * variance) {
    pairs.values.pop_back();
  }
  pairs.vectors.resize(pairs.values.size() * static_cast<size_t>(n));
  return pairs;
}

struct Axes {
  std::vector<double> directions;      // k x D: drawn ones, up to the last that has any variance
  std::vector<double> variance_share;  // of each component that was asked for
};

// Of the directions of those that have variance (k x D) the drawn ones; zeros for one that has
// none.
std::vector<double> Drawn(std::vector<double> directions, const std::vector<int>& drawn,
                          size_t dims) {
  if (drawn.empty()) return directions;
  const size_t k = directions.size() / dims;
  std::vector<double> chosen;
  for (size_t axis = 0; axis < drawn.size(); ++axis) {
    const auto component = static_cast<size_t>(drawn[axis]);
    if (component >= k) continue;
    chosen.resize((axis + 1) * dims, 0.0);
    std::copy_n(directions.begin() + static_cast<std::ptrdiff_t>(component * dims), dims,
                chosen.end() - static_cast<std::ptrdiff_t>(dims));
  }
  return chosen;
}

// How many of the components have coordinates.
int64_t DrawnCount(const PcaOptions& options) {
  return options.drawn.empty() ? options.components : std::ssize(options.drawn);
}

// No directions too when `stop` is requested. `scatter` is that of Scatter; the means are looked at
// where N < D.
Axes FindAxes(const MatrixView& matrix, const PcaOptions& options,
              const std::vector<double>& scatter, const std::vector<double>& means,
              ThreadPool* pool, const std::stop_token& stop) {
  const int64_t n = std::min(matrix.points, matrix.dims);
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += scatter[static_cast<size_t>(i * n + i)];
  Axes axes;
  axes.variance_share.assign(static_cast<size_t>(options.components), 0.0);
  if (!(total > 0) || stop.stop_requested()) return axes;
  Eigenpairs pairs = PairsWithVariance(scatter, n, total, options, pool, stop);
  for (size_t c = 0; c < pairs.values.size(); ++c) axes.variance_share[c] = pairs.values[c] / total;
  axes.directions = matrix.points < matrix.dims ? DirectionsOfGram(matrix, means, pairs.vectors)
                                                : std::move(pairs.vectors);
  const auto dims = static_cast<size_t>(matrix.dims);
  for (size_t at = 0; at < axes.directions.size(); at += dims) {
    FixSign({axes.directions.data() + at, dims});
  }
  axes.directions = Drawn(std::move(axes.directions), options.drawn, dims);
  return axes;
}

// As Pca of a checked matrix with at least as many rows as columns.
Result<PcaResult> PcaOnGpu(const MatrixView& matrix, const PcaOptions& options, ThreadPool* pool,
                           const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const CudaBackend* const backend, FindCudaBackend());
  ASSIGN_OR_RETURN(const std::unique_ptr<DevicePca> device, backend->make_pca(matrix));
  std::vector<double> scatter(static_cast<size_t>(matrix.dims * matrix.dims));
  RETURN_IF_ERROR(device->Scatter(scatter));
  MirrorUpperTriangle(&scatter, matrix.dims);
  Axes axes = FindAxes(matrix, options, scatter, {}, pool, stop);
  if (stop.stop_requested()) return Cancelled("PCA: stop requested");
  PcaResult result;
  result.variance_share = std::move(axes.variance_share);
  const int64_t drawn = DrawnCount(options);
  result.coordinates.resize(static_cast<size_t>(matrix.points * drawn));
  RETURN_IF_ERROR(device->Project(axes.directions, drawn, result.coordinates));
  return result;
}

bool IsWorthTheGpu(const MatrixView& matrix) {
  const auto dims = static_cast<double>(matrix.dims);
  return matrix.points >= matrix.dims &&
         static_cast<double>(matrix.points) * dims * dims >= kGpuWorkMin;
}

}  // namespace

Result<PcaResult> Pca(const MatrixView& matrix, const PcaOptions& options,
                      const std::stop_token& stop) {
  ThreadPool pool(options.threads, options.courtesy);
  RETURN_IF_ERROR(CheckMatrix(matrix, &pool, stop));
  RETURN_IF_ERROR(CheckOptions(matrix, options));
  if (options.device != Device::kCpu && IsWorthTheGpu(matrix)) {
    auto result = PcaOnGpu(matrix, options, &pool, stop);
    if (result.ok() || result.error().code == ErrorCode::kCancelled) return result;
  }
  const std::vector<double> means = ColumnMeans(matrix);
  const std::vector<double> scatter = Scatter(matrix, means, &pool, stop);
  Axes axes = FindAxes(matrix, options, scatter, means, &pool, stop);
  if (stop.stop_requested()) return Cancelled("PCA: stop requested");
  PcaResult result;
  result.variance_share = std::move(axes.variance_share);
  result.coordinates =
      Coordinates(matrix, means, axes.directions, DrawnCount(options), &pool, stop);
  if (stop.stop_requested()) return Cancelled("PCA: stop requested");
  return result;
}

}  // namespace spirogram::projector
