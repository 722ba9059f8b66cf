#include "projector/spectrum.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "projector/blas_threads.h"
#include "projector/scatter.h"

namespace spirogram::projector {
namespace {

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

}  // namespace

std::vector<double> SymmetricEigenvalues(std::vector<double> matrix, int64_t n,
                                         const std::stop_token& stop) {
  KeepBlasOnItsCaller();
  Tridiagonal reduced = Reduce(std::move(matrix), n, stop);
  if (stop.stop_requested()) return {};
  return EigenvaluesOf(std::move(reduced));
}

RowSpectrum SpectrumOf(const MatrixView& matrix, ThreadPool* pool, const std::stop_token& stop) {
  const int64_t n = std::min(matrix.points, matrix.dims);
  RowSpectrum spectrum;
  spectrum.mean = ColumnMeans(matrix);
  const std::vector<double> origin(spectrum.mean.size(), 0.0);
  spectrum.raw = Roots(SymmetricEigenvalues(Scatter(matrix, origin, pool, stop), n, stop));
  spectrum.centred =
      Roots(SymmetricEigenvalues(Scatter(matrix, spectrum.mean, pool, stop), n, stop));
  if (stop.stop_requested()) return {};
  return spectrum;
}

}  // namespace spirogram::projector
