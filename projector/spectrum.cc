#include "projector/spectrum.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace spirogram::projector {
namespace {

constexpr int64_t kBlock = 256;  // rows (or columns) that are converted to float64 at a time
constexpr int kQlStepsMax = 60;  // per eigenvalue; 2 are usual

struct Tridiagonal {
  std::vector<double> diagonal;  // n
  std::vector<double> beside;    // n - 1
};

// Golub and Van Loan, algorithm 8.3.1, on the lower triangle.
Tridiagonal Reduce(std::vector<double> matrix, int64_t n, const std::stop_token& stop) {
  Tridiagonal result{std::vector<double>(static_cast<size_t>(n)),
                     std::vector<double>(static_cast<size_t>(std::max<int64_t>(0, n - 1)))};
  std::vector<double> v(static_cast<size_t>(n));
  std::vector<double> w(static_cast<size_t>(n));
  double* a = matrix.data();
  const int stride = static_cast<int>(n);
  for (int64_t k = 0; k + 1 < n && !stop.stop_requested(); ++k) {
    const int size = static_cast<int>(n - k - 1);
    result.diagonal[static_cast<size_t>(k)] = a[k * n + k];
    cblas_dcopy(size, a + (k + 1) * n + k, stride, v.data(), 1);
    const double norm = cblas_dnrm2(size, v.data(), 1);
    const double alpha = v[0] > 0 ? -norm : norm;
    result.beside[static_cast<size_t>(k)] = alpha;
    v[0] -= alpha;
    const double length = cblas_dnrm2(size, v.data(), 1);
    if (length == 0) continue;
    cblas_dscal(size, 1 / length, v.data(), 1);
    // A <- (I - 2vv') A (I - 2vv') = A - v w' - w v', w = 2 (A v - (v'A v) v)
    double* rest = a + (k + 1) * n + k + 1;
    cblas_dsymv(CblasRowMajor, CblasLower, size, 2, rest, stride, v.data(), 1, 0, w.data(), 1);
    cblas_daxpy(size, -cblas_ddot(size, v.data(), 1, w.data(), 1), v.data(), 1, w.data(), 1);
    cblas_dsyr2(CblasRowMajor, CblasLower, size, -1, v.data(), 1, w.data(), 1, rest, stride);
  }
  if (n > 0) result.diagonal[static_cast<size_t>(n - 1)] = a[n * n - 1];
  return result;
}

// One implicit QL step on rows [first, last] (Numerical Recipes' tqli, without vectors).
void StepQl(std::vector<double>* d, std::vector<double>* e, size_t first, size_t last) {
  double g = ((*d)[first + 1] - (*d)[first]) / (2 * (*e)[first]);
  double r = std::hypot(g, 1.0);
  g = (*d)[last] - (*d)[first] + (*e)[first] / (g + std::copysign(r, g));
  double sine = 1, cosine = 1, p = 0;
  for (size_t i = last; i-- > first;) {
    double f = sine * (*e)[i];
    const double b = cosine * (*e)[i];
    r = std::hypot(f, g);
    (*e)[i + 1] = r;
    if (r == 0) {
      (*d)[i + 1] -= p;
      (*e)[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = (*d)[i + 1] - p;
    r = ((*d)[i] - g) * sine + 2 * cosine * b;
    p = sine * r;
    (*d)[i + 1] = g + p;
    g = cosine * r - b;
  }
  (*d)[first] -= p;
  (*e)[first] = g;
  (*e)[last] = 0;
}

std::vector<double> EigenvaluesOf(Tridiagonal matrix) {
  std::vector<double>& d = matrix.diagonal;
  std::vector<double>& e = matrix.beside;
  e.push_back(0);
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  for (size_t first = 0; first < d.size(); ++first) {
    for (int step = 0; step < kQlStepsMax; ++step) {
      size_t last = first;
      while (last + 1 < d.size() &&
             std::abs(e[last]) > kEpsilon * (std::abs(d[last]) + std::abs(d[last + 1]))) {
        ++last;
      }
      if (last == first) break;
      StepQl(&d, &e, first, last);
    }
  }
  std::sort(d.begin(), d.end(), std::greater<>());
  return d;
}

// Singular values from the eigenvalues of a scatter matrix; rounding may have made some negative.
std::vector<double> Roots(std::vector<double> eigenvalues) {
  for (double& value : eigenvalues) value = std::sqrt(std::max(0.0, value));
  return eigenvalues;
}

std::vector<double> MeanRow(const MatrixView& matrix) {
  std::vector<double> mean(static_cast<size_t>(matrix.dims), 0.0);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const float* row = matrix.values.data() + i * matrix.dims;
    for (size_t k = 0; k < mean.size(); ++k) mean[k] += row[k];
  }
  for (double& value : mean) value /= static_cast<double>(matrix.points);
  return mean;
}

// The upper triangle of (X - shift)'(X - shift), or where N < D of (X - shift)(X - shift)',
// mirrored.
std::vector<double> Scatter(const MatrixView& matrix, const std::vector<double>& shift,
                            const std::stop_token& stop) {
  const bool is_gram = matrix.points < matrix.dims;
  const int64_t n = std::min(matrix.points, matrix.dims);
  const int64_t length = std::max(matrix.points, matrix.dims);
  std::vector<double> scatter(static_cast<size_t>(n * n), 0.0);
  std::vector<double> block(static_cast<size_t>(n * std::min(kBlock, length)));
  for (int64_t at = 0; at < length && !stop.stop_requested(); at += kBlock) {
    const int64_t depth = std::min(kBlock, length - at);
    const int64_t rows = is_gram ? matrix.points : depth;
    const int64_t columns = is_gram ? depth : matrix.dims;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t row = is_gram ? i : at + i;
      const int64_t first = is_gram ? at : 0;
      const float* from = matrix.values.data() + row * matrix.dims + first;
      const double* mean = shift.data() + first;
      for (int64_t k = 0; k < columns; ++k)
        block[static_cast<size_t>(i * columns + k)] = from[k] - mean[k];
    }
    cblas_dsyrk(CblasRowMajor, CblasLower, is_gram ? CblasNoTrans : CblasTrans, static_cast<int>(n),
                static_cast<int>(depth), 1, block.data(), static_cast<int>(columns), 1,
                scatter.data(), static_cast<int>(n));
  }
  return scatter;
}

}  // namespace

std::vector<double> SymmetricEigenvalues(std::vector<double> matrix, int64_t n,
                                         const std::stop_token& stop) {
  Tridiagonal reduced = Reduce(std::move(matrix), n, stop);
  if (stop.stop_requested()) return {};
  return EigenvaluesOf(std::move(reduced));
}

RowSpectrum SpectrumOf(const MatrixView& matrix, const std::stop_token& stop) {
  const int64_t n = std::min(matrix.points, matrix.dims);
  RowSpectrum spectrum;
  spectrum.mean = MeanRow(matrix);
  const std::vector<double> origin(spectrum.mean.size(), 0.0);
  spectrum.raw = Roots(SymmetricEigenvalues(Scatter(matrix, origin, stop), n, stop));
  spectrum.centred = Roots(SymmetricEigenvalues(Scatter(matrix, spectrum.mean, stop), n, stop));
  if (stop.stop_requested()) return {};
  return spectrum;
}

}  // namespace spirogram::projector
