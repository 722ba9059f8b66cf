#include "projector/pca.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "base/str.h"
#include "projector/cuda/backend.h"
#include "projector/eigen.h"
#include "projector/matrix.h"

namespace spirogram::projector {
namespace {

// Rows (or columns) that are centred and converted to float64 at a time.
constexpr int64_t kBlock = 256;
// Eigenvalues below this share of the total are rounding noise, not variance.
constexpr double kVarianceShareMin = 1e-14;
// Entries this close to the largest one count as equal to it: rounding must not choose the sign.
constexpr double kSignTie = 1e-6;
// Products of values below which the GPU is not worth waking.
constexpr double kGpuWorkMin = 1e9;

std::vector<double> ColumnMeans(const MatrixView& matrix) {
  std::vector<double> means(static_cast<size_t>(matrix.dims), 0.0);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const float* row = matrix.values.data() + i * matrix.dims;
    for (size_t j = 0; j < means.size(); ++j) means[j] += row[j];
  }
  for (double& mean : means) mean /= static_cast<double>(matrix.points);
  return means;
}

// A part of the matrix, centred: rows [row, row + rows) x columns [column, column + columns).
struct Part {
  int64_t row, rows, column, columns;
};

void CopyCentred(const MatrixView& matrix, const std::vector<double>& means, const Part& part,
                 double* out) {
  for (int64_t i = 0; i < part.rows; ++i) {
    const float* from = matrix.values.data() + (part.row + i) * matrix.dims + part.column;
    const double* mean = means.data() + part.column;
    for (int64_t j = 0; j < part.columns; ++j) out[i * part.columns + j] = from[j] - mean[j];
  }
}

void MirrorUpperTriangle(std::vector<double>* matrix, int64_t n) {
  double* a = matrix->data();
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) a[j * n + i] = a[i * n + j];
  }
}

// D x D: Xc' Xc, or where N < D the smaller N x N: Xc Xc', which has the same eigenvalues.
std::vector<double> Scatter(const MatrixView& matrix, const std::vector<double>& means,
                            const std::stop_token& stop) {
  const int64_t points = matrix.points;
  const int64_t dims = matrix.dims;
  const bool is_gram = points < dims;
  const int64_t n = std::min(points, dims);
  const int64_t length = std::max(points, dims);
  std::vector<double> scatter(static_cast<size_t>(n * n), 0.0);
  std::vector<double> block(static_cast<size_t>(n * std::min(kBlock, length)));
  for (int64_t at = 0; at < length && !stop.stop_requested(); at += kBlock) {
    const int64_t depth = std::min(kBlock, length - at);
    const Part part = is_gram ? Part{0, points, at, depth} : Part{at, depth, 0, dims};
    CopyCentred(matrix, means, part, block.data());
    cblas_dsyrk(CblasRowMajor, CblasUpper, is_gram ? CblasNoTrans : CblasTrans, static_cast<int>(n),
                static_cast<int>(depth), 1, block.data(), static_cast<int>(is_gram ? depth : n), 1,
                scatter.data(), static_cast<int>(n));
  }
  MirrorUpperTriangle(&scatter, n);
  return scatter;
}

// k x D directions from the eigenvectors u (k x N) of the Gram matrix: Xc' u, normalised.
std::vector<double> DirectionsOfGram(const MatrixView& matrix, const std::vector<double>& means,
                                     const std::vector<double>& vectors) {
  const int64_t k = static_cast<int64_t>(vectors.size()) / matrix.points;
  std::vector<double> directions(static_cast<size_t>(k * matrix.dims), 0.0);
  std::vector<double> row(static_cast<size_t>(matrix.dims));
  for (int64_t i = 0; i < matrix.points; ++i) {
    CopyCentred(matrix, means, {i, 1, 0, matrix.dims}, row.data());
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
                               const std::vector<double>& directions, int64_t components) {
  const int64_t k = static_cast<int64_t>(directions.size()) / matrix.dims;
  std::vector<float> coordinates(static_cast<size_t>(matrix.points * components), 0.0F);
  if (k == 0) return coordinates;
  const int64_t block_rows = std::min(kBlock, matrix.points);
  std::vector<double> block(static_cast<size_t>(block_rows * matrix.dims));
  std::vector<double> projected(static_cast<size_t>(block_rows * k));
  const int dims = static_cast<int>(matrix.dims);
  for (int64_t at = 0; at < matrix.points; at += block_rows) {
    const int64_t rows = std::min(block_rows, matrix.points - at);
    CopyCentred(matrix, means, {at, rows, 0, matrix.dims}, block.data());
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(rows),
                static_cast<int>(k), dims, 1, block.data(), dims, directions.data(), dims, 0,
                projected.data(), static_cast<int>(k));
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t c = 0; c < k; ++c) {
        coordinates[static_cast<size_t>((at + i) * components + c)] =
            static_cast<float>(projected[static_cast<size_t>(i * k + c)]);
      }
    }
  }
  return coordinates;
}

Status CheckOptions(const MatrixView& matrix, const PcaOptions& options) {
  if (options.components < 1 || options.components > matrix.dims) {
    return InvalidArgument(StrCat("PCA: got ", options.components, " components, want 1 to ",
                                  matrix.dims, ", the dims of the matrix"));
  }
  const int64_t side = std::min(matrix.points, matrix.dims);
  if (side > kPcaSideMax) {
    return Exhausted(StrCat("PCA: the smaller of ", matrix.points, " points and ", matrix.dims,
                            " dims is over ", kPcaSideMax));
  }
  return {};
}

// The shares of variance into `result`, and the directions (k x D) that have any; empty too when
// `stop` is requested. `scatter` is that of Scatter; the means are looked at where N < D.
std::vector<double> Directions(const MatrixView& matrix, const PcaOptions& options,
                               const std::vector<double>& scatter, const std::vector<double>& means,
                               const std::stop_token& stop, PcaResult* result) {
  const int64_t n = std::min(matrix.points, matrix.dims);
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += scatter[static_cast<size_t>(i * n + i)];
  result->variance_share.assign(static_cast<size_t>(options.components), 0.0);
  if (!(total > 0) || stop.stop_requested()) return {};
  const int64_t wanted = std::min<int64_t>(options.components, n);
  Eigenpairs pairs = LargestEigenpairs(scatter, n, wanted, options.seed, stop);
  while (!pairs.values.empty() && pairs.values.back() <= kVarianceShareMin * total) {
    pairs.values.pop_back();
  }
  pairs.vectors.resize(pairs.values.size() * static_cast<size_t>(n));
  for (size_t c = 0; c < pairs.values.size(); ++c) {
    result->variance_share[c] = pairs.values[c] / total;
  }
  std::vector<double> directions = matrix.points < matrix.dims
                                       ? DirectionsOfGram(matrix, means, pairs.vectors)
                                       : std::move(pairs.vectors);
  const auto dims = static_cast<size_t>(matrix.dims);
  for (size_t at = 0; at < directions.size(); at += dims) FixSign({directions.data() + at, dims});
  return directions;
}

// As ComputePca of a checked matrix with at least as many rows as columns.
Result<PcaResult> PcaOnGpu(const MatrixView& matrix, const PcaOptions& options,
                           const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const CudaBackend* const backend, FindCudaBackend());
  ASSIGN_OR_RETURN(const std::unique_ptr<DevicePca> device, backend->make_pca(matrix));
  std::vector<double> scatter(static_cast<size_t>(matrix.dims * matrix.dims));
  RETURN_IF_ERROR(device->Scatter(scatter));
  MirrorUpperTriangle(&scatter, matrix.dims);
  PcaResult result;
  const std::vector<double> directions = Directions(matrix, options, scatter, {}, stop, &result);
  if (stop.stop_requested()) return Cancelled("PCA: stop requested");
  result.coordinates.resize(static_cast<size_t>(matrix.points * options.components));
  RETURN_IF_ERROR(device->Project(directions, options.components, result.coordinates));
  return result;
}

bool IsWorthTheGpu(const MatrixView& matrix) {
  const auto dims = static_cast<double>(matrix.dims);
  return matrix.points >= matrix.dims &&
         static_cast<double>(matrix.points) * dims * dims >= kGpuWorkMin;
}

}  // namespace

Result<PcaResult> ComputePca(const MatrixView& matrix, const PcaOptions& options,
                             const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckMatrix(matrix));
  RETURN_IF_ERROR(CheckOptions(matrix, options));
  if (options.device != Device::kCpu && IsWorthTheGpu(matrix)) {
    auto result = PcaOnGpu(matrix, options, stop);
    if (result.ok() || result.error().code == ErrorCode::kCancelled) return result;
  }
  const std::vector<double> means = ColumnMeans(matrix);
  const std::vector<double> scatter = Scatter(matrix, means, stop);
  PcaResult result;
  const std::vector<double> directions = Directions(matrix, options, scatter, means, stop, &result);
  if (stop.stop_requested()) return Cancelled("PCA: stop requested");
  result.coordinates = Coordinates(matrix, means, directions, options.components);
  return result;
}

Result<PcaResult> Pca(const MatrixView& matrix, const PcaOptions& options) {
  return ComputePca(matrix, options, {});
}

}  // namespace spirogram::projector
