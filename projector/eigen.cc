#include "projector/eigen.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "projector/blas_threads.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int kJacobiSweepsMax = 60;
constexpr int64_t kJacobiSideMax = 160;  // up to here Jacobi is as fast as Krylov
constexpr int64_t kBlockExtra = 8;       // block columns beyond k: they widen the spectral gap
constexpr int64_t kBasisBlocks = 8;      // powers of the matrix that one cycle combines
constexpr int kKrylovCyclesMax = 200;
constexpr int64_t kProductColumns = 256;  // of a product that a thread takes at a time
constexpr double kResidualMax = 1e-10;    // relative to the largest eigenvalue
constexpr double kDependentNorm = 1e-10;  // what is left of a unit vector that the basis has

double Dot(const double* a, const double* b, int64_t n) {
  return cblas_ddot(static_cast<int>(n), a, 1, b, 1);
}

struct ProductShape {
  int64_t rows, inner, columns;
};

// c = a b, all row-major; b is inner x columns. Unfinished when `stop` is requested.
void Multiply(const double* a, const double* b, const ProductShape& shape, ThreadPool* pool,
              const std::stop_token& stop, double* c) {
  const int rows = static_cast<int>(shape.rows);
  const int inner = static_cast<int>(shape.inner);
  const int columns = static_cast<int>(shape.columns);
  pool->ForBlocks(shape.columns, kProductColumns, stop, [&](int64_t begin, int64_t end) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, static_cast<int>(end - begin),
                inner, 1, a, inner, b + begin, columns, 0, c + begin, columns);
  });
}

// c = a b'; b is columns x inner.
void MultiplyTransposed(const double* a, const double* b, const ProductShape& shape, double* c) {
  const auto [rows, inner, columns] = shape;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(rows),
              static_cast<int>(columns), static_cast<int>(inner), 1, a, static_cast<int>(inner), b,
              static_cast<int>(inner), 0, c, static_cast<int>(columns));
}

void RotateRows(double* p, double* q, int64_t n, double cosine, double sine) {
  for (int64_t i = 0; i < n; ++i) {
    const double x = p[i];
    const double y = q[i];
    p[i] = cosine * x - sine * y;
    q[i] = sine * x + cosine * y;
  }
}

// The rotation that makes element (p, q) zero (Golub and Van Loan, 8.5.2).
std::pair<double, double> RotationFor(double app, double aqq, double apq) {
  const double tau = (aqq - app) / (2 * apq);
  const double sign = tau >= 0 ? 1 : -1;
  const double tangent = sign / (std::abs(tau) + std::hypot(1.0, tau));
  const double cosine = 1 / std::hypot(1.0, tangent);
  return {cosine, tangent * cosine};
}

Eigenpairs Sorted(const std::vector<double>& values, const std::vector<double>& vectors,
                  int64_t n) {
  std::vector<int64_t> order(values.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return values[static_cast<size_t>(a)] > values[static_cast<size_t>(b)];
  });
  Eigenpairs pairs;
  for (const int64_t i : order) {
    pairs.values.push_back(values[static_cast<size_t>(i)]);
    pairs.vectors.insert(pairs.vectors.end(), vectors.begin() + i * n,
                         vectors.begin() + (i + 1) * n);
  }
  return pairs;
}

// An orthonormal basis Q (m x n, rows) of a growing Krylov space, with AQ beside it.
class KrylovBasis {
 public:
  KrylovBasis(std::span<const double> matrix, int64_t n, ThreadPool* pool)
      : matrix_(matrix), n_(n), pool_(pool) {}

  int64_t size() const { return static_cast<int64_t>(basis_.size()) / n_; }
  const std::vector<double>& basis() const { return basis_; }
  const std::vector<double>& images() const { return images_; }

  void Clear() {
    basis_.clear();
    images_.clear();
  }

  // Adds what is new in the rows of `block` (may be nothing), and the images of that. Returns the
  // images: the next block.
  std::vector<double> Extend(std::vector<double> block, const std::stop_token& stop) {
    const int64_t old_size = size();
    const int64_t rows = static_cast<int64_t>(block.size()) / n_;
    for (int64_t i = 0; i < rows; ++i) Append(block.data() + i * n_);
    const int64_t added = size() - old_size;
    std::vector<double> image(static_cast<size_t>(added * n_));
    if (added == 0) return image;
    Multiply(basis_.data() + old_size * n_, matrix_.data(), {added, n_, n_}, pool_, stop,
             image.data());
    images_.insert(images_.end(), image.begin(), image.end());
    return image;
  }

 private:
  // Gram-Schmidt, twice: once loses orthogonality to cancellation, twice is enough (Kahan).
  void Append(double* v) {
    const double norm = std::sqrt(Dot(v, v, n_));
    if (norm == 0) return;
    cblas_dscal(static_cast<int>(n_), 1 / norm, v, 1);
    double rest = 1;
    for (int pass = 0; pass < 2; ++pass) {
      if (const int64_t m = size(); m > 0) {
        std::vector<double> shares(static_cast<size_t>(m));
        cblas_dgemv(CblasRowMajor, CblasNoTrans, static_cast<int>(m), static_cast<int>(n_), 1,
                    basis_.data(), static_cast<int>(n_), v, 1, 0, shares.data(), 1);
        cblas_dgemv(CblasRowMajor, CblasTrans, static_cast<int>(m), static_cast<int>(n_), -1,
                    basis_.data(), static_cast<int>(n_), shares.data(), 1, 1, v, 1);
      }
      rest = std::sqrt(Dot(v, v, n_));
      if (rest < kDependentNorm) return;
      cblas_dscal(static_cast<int>(n_), 1 / rest, v, 1);
    }
    basis_.insert(basis_.end(), v, v + n_);
  }

  std::span<const double> matrix_;
  int64_t n_;
  ThreadPool* pool_;
  std::vector<double> basis_;
  std::vector<double> images_;
};

struct RitzPairs {
  Eigenpairs pairs;
  double residual = 0;  // the largest |A v - value v| of the first k
};

// The best approximations of the `count` largest eigenpairs that the basis holds (Rayleigh-Ritz).
RitzPairs BestPairs(const KrylovBasis& krylov, int64_t n, int64_t count, int64_t k,
                    ThreadPool* pool, const std::stop_token& stop) {
  const int64_t m = krylov.size();
  std::vector<double> projected(static_cast<size_t>(m * m));
  MultiplyTransposed(krylov.basis().data(), krylov.images().data(), {m, n, m}, projected.data());
  const Eigenpairs small = JacobiEigenpairs(std::move(projected), m, stop);
  count = std::min(count, m);
  RitzPairs ritz;
  ritz.pairs.values.assign(small.values.begin(), small.values.begin() + count);
  ritz.pairs.vectors.resize(static_cast<size_t>(count * n));
  const ProductShape shape{count, m, n};
  Multiply(small.vectors.data(), krylov.basis().data(), shape, pool, stop,
           ritz.pairs.vectors.data());
  std::vector<double> rest(static_cast<size_t>(count * n));
  Multiply(small.vectors.data(), krylov.images().data(), shape, pool, stop, rest.data());
  for (int64_t i = 0; i < std::min(k, count); ++i) {
    double* row = rest.data() + i * n;
    cblas_daxpy(static_cast<int>(n), -small.values[static_cast<size_t>(i)],
                ritz.pairs.vectors.data() + i * n, 1, row, 1);
    ritz.residual = std::max(ritz.residual, std::sqrt(Dot(row, row, n)));
  }
  return ritz;
}

Eigenpairs KrylovEigenpairs(std::span<const double> matrix, int64_t n, int64_t k, uint64_t seed,
                            ThreadPool* pool, const std::stop_token& stop) {
  const int64_t block = k + kBlockExtra;
  const int64_t basis_max = kBasisBlocks * block;
  Random random(seed);
  std::vector<double> start(static_cast<size_t>(block * n));
  for (double& value : start) value = random.NextNormal();
  KrylovBasis krylov(matrix, n, pool);
  RitzPairs ritz;
  for (int cycle = 0; cycle < kKrylovCyclesMax; ++cycle) {
    krylov.Clear();
    std::vector<double> next = krylov.Extend(start, stop);
    while (krylov.size() + block <= basis_max && !next.empty() && !stop.stop_requested()) {
      next = krylov.Extend(std::move(next), stop);
    }
    ritz = BestPairs(krylov, n, block, k, pool, stop);
    const bool is_exact = next.empty();
    if (is_exact || ritz.residual <= kResidualMax * ritz.pairs.values[0]) break;
    if (stop.stop_requested()) break;
    start = ritz.pairs.vectors;
  }
  // Without convergence after so many cycles the wanted eigenvalues lie among nearly equal ones:
  // the vectors are then as good a choice as any other of that space.
  ritz.pairs.values.resize(static_cast<size_t>(k));
  ritz.pairs.vectors.resize(static_cast<size_t>(k * n));
  return std::move(ritz.pairs);
}

}  // namespace

Eigenpairs JacobiEigenpairs(std::vector<double> matrix, int64_t n, const std::stop_token& stop) {
  CHECK(static_cast<int64_t>(matrix.size()) == n * n);
  std::vector<double> vectors(matrix.size(), 0.0);  // row i becomes the i-th eigenvector
  for (int64_t i = 0; i < n; ++i) vectors[static_cast<size_t>(i * n + i)] = 1;
  double* a = matrix.data();
  const double norm = std::sqrt(Dot(a, a, n * n));
  const double negligible = 1e-17 * norm;
  for (int sweep = 0; sweep < kJacobiSweepsMax; ++sweep) {
    bool has_rotated = false;
    for (int64_t p = 0; p < n && !stop.stop_requested(); ++p) {
      for (int64_t q = p + 1; q < n; ++q) {
        const double apq = a[p * n + q];
        if (std::abs(apq) <= negligible) continue;
        has_rotated = true;
        const auto [cosine, sine] = RotationFor(a[p * n + p], a[q * n + q], apq);
        RotateRows(a + p * n, a + q * n, n, cosine, sine);
        cblas_drot(static_cast<int>(n), a + p, static_cast<int>(n), a + q, static_cast<int>(n),
                   cosine, -sine);
        a[p * n + q] = a[q * n + p] = 0;
        RotateRows(vectors.data() + p * n, vectors.data() + q * n, n, cosine, sine);
      }
    }
    if (!has_rotated) break;
  }
  std::vector<double> values(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) values[static_cast<size_t>(i)] = a[i * n + i];
  return Sorted(values, vectors, n);
}

Eigenpairs LargestEigenpairs(std::span<const double> matrix, int64_t n, int64_t k, uint64_t seed,
                             ThreadPool* pool, const std::stop_token& stop) {
  CHECK(1 <= k && k <= n && static_cast<int64_t>(matrix.size()) == n * n);
  KeepBlasOnItsCaller();
  // Without room for all its blocks a cycle converges slowly, and with a single one not at all: it
  // begins in the space where the last one ended.
  const int64_t basis = kBasisBlocks * (k + kBlockExtra);
  const bool is_dense = n <= kJacobiSideMax || n <= basis + basis / 2;
  if (!is_dense) return KrylovEigenpairs(matrix, n, k, seed, pool, stop);
  Eigenpairs pairs = JacobiEigenpairs({matrix.begin(), matrix.end()}, n, stop);
  pairs.values.resize(static_cast<size_t>(k));
  pairs.vectors.resize(static_cast<size_t>(k * n));
  return pairs;
}

}  // namespace spirogram::projector
