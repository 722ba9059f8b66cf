#include "projector/similarity.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/str.h"
#include "projector/matrix.h"
#include "projector/spectrum.h"

namespace spirogram::projector {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kRowsMax = 20'000;
constexpr int64_t kRowsMin = 500;
constexpr int64_t kProductsMax = 40'000'000'000;  // half a minute on two cores
constexpr int64_t kBlockDims = 16;

struct Centred {
  int64_t rows = 0;
  int64_t dims = 0;
  std::vector<double> values;

  const double* row(int64_t r) const { return values.data() + r * dims; }
};

int64_t RowsCompared(int64_t points, int64_t x, int64_t y) {
  const int64_t affordable = std::max(kProductsMax / (x * x + y * y + x * y), kRowsMin);
  return std::min({points, affordable, kRowsMax});
}

// `rows` of the matrix, evenly spaced, without their mean.
Centred Centre(const MatrixView& matrix, int64_t rows) {
  Centred centred{rows, matrix.dims, std::vector<double>(static_cast<size_t>(rows * matrix.dims))};
  std::vector<double> mean(static_cast<size_t>(matrix.dims));
  for (int64_t r = 0; r < rows; ++r) {
    const float* from = matrix.values.data() + r * matrix.points / rows * matrix.dims;
    double* to = centred.values.data() + r * matrix.dims;
    for (int64_t k = 0; k < matrix.dims; ++k) {
      to[k] = from[k];
      mean[static_cast<size_t>(k)] += to[k];
    }
  }
  for (double& value : mean) value /= static_cast<double>(rows);
  for (size_t at = 0; at < centred.values.size(); ++at) {
    centred.values[at] -= mean[at % mean.size()];
  }
  return centred;
}

// X'Y, row-major; empty when stopped.
std::vector<double> Product(const Centred& x, const Centred& y, ThreadPool* pool,
                            const std::stop_token& stop) {
  std::vector<double> product(static_cast<size_t>(x.dims * y.dims));
  const bool is_done = pool->ForBlocks(x.dims, kBlockDims, stop, [&](int64_t begin, int64_t end) {
    for (int64_t r = 0; r < x.rows && !stop.stop_requested(); ++r) {
      const double* other = y.row(r);
      for (int64_t i = begin; i < end; ++i) {
        const double factor = x.row(r)[i];
        double* sums = product.data() + i * y.dims;
        for (int64_t j = 0; j < y.dims; ++j) sums[j] += factor * other[j];
      }
    }
  });
  if (!is_done || stop.stop_requested()) product.clear();
  return product;
}

double SumOfSquares(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum;
}

// The sum of the singular values of an n x n matrix, from the eigenvalues of M'M: those below 1e-8
// of the largest are lost in rounding, and count for nothing in the sum. NaN when stopped.
double NuclearNorm(std::vector<double> matrix, int64_t n, ThreadPool* pool,
                   const std::stop_token& stop) {
  const Centred factor{n, n, std::move(matrix)};
  std::vector<double> square = Product(factor, factor, pool, stop);
  if (square.empty()) return kNaN;
  double sum = 0;
  for (const double value : SymmetricEigenvalues(std::move(square), n, stop)) {
    sum += std::sqrt(std::max(value, 0.0));
  }
  return sum;
}

Error Stopped() {
  return Cancelled("comparing embeddings: stop requested");
}

}  // namespace

Result<Similarity> CompareEmbeddings(const MatrixView& x, const MatrixView& y, ThreadPool* pool,
                                     const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckMatrix(x));
  RETURN_IF_ERROR(CheckMatrix(y));
  if (x.points != y.points || x.points < 2) {
    return InvalidArgument(StrCat("comparing embeddings: got ", x.points, " and ", y.points,
                                  " rows, want as many in both, at least 2"));
  }
  Similarity similarity{kNaN, kNaN, 0};
  if (std::max(x.dims, y.dims) > kCkaDimsMax) return similarity;
  similarity.rows = RowsCompared(x.points, x.dims, y.dims);
  const Centred a = Centre(x, similarity.rows);
  const Centred b = Centre(y, similarity.rows);
  const double a_square = SumOfSquares(a.values);
  const double b_square = SumOfSquares(b.values);
  if (!(a_square > 0 && b_square > 0)) return similarity;
  std::vector<double> cross = Product(a, b, pool, stop);
  const std::vector<double> a_product = Product(a, a, pool, stop);
  const std::vector<double> b_product = Product(b, b, pool, stop);
  if (cross.empty() || a_product.empty() || b_product.empty()) return Stopped();
  const double norms = std::sqrt(SumOfSquares(a_product)) * std::sqrt(SumOfSquares(b_product));
  similarity.cka = std::clamp(SumOfSquares(cross) / norms, 0.0, 1.0);
  if (x.dims == y.dims && x.dims <= kResidualDimsMax) {
    const double nuclear = NuclearNorm(std::move(cross), x.dims, pool, stop);
    if (stop.stop_requested()) return Stopped();
    // By parts: the product of both squares may overflow.
    similarity.residual = std::clamp(1 - nuclear / a_square * (nuclear / b_square), 0.0, 1.0);
  }
  return similarity;
}

std::vector<float> NeighborChange(const NeighborGraph& from, const NeighborGraph& to) {
  CHECK(from.points == to.points && from.neighbors == to.neighbors);
  std::vector<float> change(static_cast<size_t>(from.points));
  std::vector<int32_t> both;
  for (int64_t row = 0; row < from.points; ++row) {
    std::vector<int32_t> before(from.RowIndices(row).begin(), from.RowIndices(row).end());
    std::vector<int32_t> after(to.RowIndices(row).begin(), to.RowIndices(row).end());
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    both.clear();
    std::set_intersection(before.begin(), before.end(), after.begin(), after.end(),
                          std::back_inserter(both));
    const auto shared = static_cast<double>(both.size());
    const double all = static_cast<double>(before.size() + after.size()) - shared;
    change[static_cast<size_t>(row)] = static_cast<float>(1 - shared / all);
  }
  return change;
}

}  // namespace spirogram::projector
