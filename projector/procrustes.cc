#include "projector/procrustes.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/str.h"

namespace spirogram::projector {
namespace {

constexpr size_t kMax = 3;
using Square = std::array<std::array<double, kMax>, kMax>;

Square Multiply(const Square& a, const Square& b) {
  Square product{};
  for (size_t i = 0; i < kMax; ++i) {
    for (size_t j = 0; j < kMax; ++j) {
      for (size_t k = 0; k < kMax; ++k) product[i][j] += a[i][k] * b[k][j];
    }
  }
  return product;
}

Square Transposed(const Square& a) {
  Square t{};
  for (size_t i = 0; i < kMax; ++i) {
    for (size_t j = 0; j < kMax; ++j) t[i][j] = a[j][i];
  }
  return t;
}

double Determinant(const Square& a) {
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
         a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
         a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

// a = u diag(s) v^T, s falling; u and v orthogonal whatever the rank. One-sided Jacobi.
struct Decomposition {
  Square u{};
  std::array<double, kMax> s{};
  Square v{};
};

void RotateColumns(size_t p, size_t q, double cosine, double sine, Square* a) {
  for (auto& row : *a) {
    const double left = row[p];
    row[p] = cosine * left - sine * row[q];
    row[q] = sine * left + cosine * row[q];
  }
}

// Replaces the columns of u that belong to no singular value by any that complete a basis.
void CompleteBasis(size_t dims, Decomposition* d) {
  for (size_t c = 0; c < dims; ++c) {
    if (d->s[c] > 1e-12 * d->s[0] && d->s[0] > 0) continue;
    for (size_t axis = 0; axis < dims; ++axis) {
      std::array<double, kMax> candidate{};
      candidate[axis] = 1;
      for (size_t other = 0; other < c; ++other) {
        double dot = 0;
        for (size_t i = 0; i < dims; ++i) dot += candidate[i] * d->u[i][other];
        for (size_t i = 0; i < dims; ++i) candidate[i] -= dot * d->u[i][other];
      }
      double square = 0;
      for (const double value : candidate) square += value * value;
      if (square < 0.1) continue;
      for (size_t i = 0; i < dims; ++i) d->u[i][c] = candidate[i] / std::sqrt(square);
      break;
    }
  }
}

Decomposition Decompose(const Square& a, size_t dims) {
  Decomposition d;
  Square columns = a;
  for (size_t i = 0; i < kMax; ++i) d.v[i][i] = 1;
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (size_t p = 0; p + 1 < dims; ++p) {
      for (size_t q = p + 1; q < dims; ++q) {
        double pp = 0;
        double qq = 0;
        double pq = 0;
        for (size_t i = 0; i < dims; ++i) {
          pp += columns[i][p] * columns[i][p];
          qq += columns[i][q] * columns[i][q];
          pq += columns[i][p] * columns[i][q];
        }
        const double angle = 0.5 * std::atan2(2 * pq, qq - pp);
        RotateColumns(p, q, std::cos(angle), std::sin(angle), &columns);
        RotateColumns(p, q, std::cos(angle), std::sin(angle), &d.v);
      }
    }
  }
  std::array<size_t, kMax> order{0, 1, 2};
  std::array<double, kMax> sizes{};
  for (size_t c = 0; c < dims; ++c) {
    for (size_t i = 0; i < dims; ++i) sizes[c] += columns[i][c] * columns[i][c];
  }
  std::stable_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(dims),
                   [&](size_t x, size_t y) { return sizes[x] > sizes[y]; });
  const Square v = d.v;
  for (size_t c = 0; c < dims; ++c) {
    d.s[c] = std::sqrt(sizes[order[c]]);
    for (size_t i = 0; i < dims; ++i) {
      d.v[i][c] = v[i][order[c]];
      d.u[i][c] = d.s[c] > 0 ? columns[i][order[c]] / d.s[c] : 0;
    }
  }
  for (size_t c = dims; c < kMax; ++c) d.u[c][c] = 1;
  CompleteBasis(dims, &d);
  return d;
}

Status CheckMaps(std::span<const float> from, std::span<const float> to, int dims,
                 std::span<const std::pair<int64_t, int64_t>> pairs) {
  if (dims != 2 && dims != 3) {
    return InvalidArgument(StrCat("alignment: got ", dims, " dims, want 2 or 3"));
  }
  const auto stride = static_cast<size_t>(dims);
  if (from.size() % stride != 0 || to.size() % stride != 0 || pairs.empty()) {
    return InvalidArgument(StrCat("alignment: got ", from.size(), " and ", to.size(),
                                  " values and ", pairs.size(), " pairs, want whole rows of ", dims,
                                  " and at least 1 pair"));
  }
  const auto is_row = [stride](std::span<const float> map, int64_t row) {
    return row >= 0 && row < static_cast<int64_t>(map.size() / stride);
  };
  for (const auto& [a, b] : pairs) {
    if (!is_row(from, a) || !is_row(to, b)) {
      return InvalidArgument(StrCat("alignment: got the pair of rows ", a, " and ", b,
                                    ", want below ", from.size() / stride, " and ",
                                    to.size() / stride));
    }
    for (int k = 0; k < dims; ++k) {
      if (std::isfinite(from[static_cast<size_t>(a * dims + k)]) &&
          std::isfinite(to[static_cast<size_t>(b * dims + k)])) {
        continue;
      }
      return InvalidArgument(StrCat("alignment: row ", a, " or ", b, " holds NaN or Inf"));
    }
  }
  return {};
}

}  // namespace

Result<Alignment> AlignMaps(std::span<const float> from, std::span<const float> to, int dims,
                            std::span<const std::pair<int64_t, int64_t>> pairs,
                            const ProcrustesOptions& options) {
  RETURN_IF_ERROR(CheckMaps(from, to, dims, pairs));
  const auto size = static_cast<size_t>(dims);
  const auto count = static_cast<double>(pairs.size());
  Alignment alignment;
  alignment.dims = dims;
  for (const auto& [a, b] : pairs) {
    for (size_t k = 0; k < size; ++k) {
      alignment.from_mean[k] += from[static_cast<size_t>(a) * size + k] / count;
      alignment.to_mean[k] += to[static_cast<size_t>(b) * size + k] / count;
    }
  }
  Square covariance{};  // of to (rows) with from (columns)
  double from_square = 0;
  double to_square = 0;
  for (const auto& [a, b] : pairs) {
    std::array<double, kMax> x{};
    std::array<double, kMax> y{};
    for (size_t k = 0; k < size; ++k) {
      x[k] = from[static_cast<size_t>(a) * size + k] - alignment.from_mean[k];
      y[k] = to[static_cast<size_t>(b) * size + k] - alignment.to_mean[k];
      from_square += x[k] * x[k];
      to_square += y[k] * y[k];
    }
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = 0; j < size; ++j) covariance[i][j] += y[i] * x[j];
    }
  }
  Decomposition d = Decompose(covariance, size);
  if (!options.may_reflect && Determinant(d.u) * Determinant(d.v) < 0) {
    // The axis that matters least is turned over.
    for (size_t i = 0; i < size; ++i) d.u[i][size - 1] *= -1;
    d.s[size - 1] *= -1;
  }
  const Square rotation = Multiply(d.u, Transposed(d.v));
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) alignment.rotation[i * size + j] = rotation[i][j];
  }
  const double trace = d.s[0] + d.s[1] + d.s[2];
  if (options.may_scale && from_square > 0) alignment.scale = trace / from_square;
  const double left =
      to_square - 2 * alignment.scale * trace + alignment.scale * alignment.scale * from_square;
  alignment.residual = to_square > 0 ? std::max(left, 0.0) / to_square : 0;
  return alignment;
}

std::vector<float> ApplyAlignment(const Alignment& alignment, std::span<const float> map) {
  const auto size = static_cast<size_t>(alignment.dims);
  CHECK(map.size() % size == 0);
  std::vector<float> moved(map.size());
  for (size_t row = 0; row < map.size(); row += size) {
    for (size_t i = 0; i < size; ++i) {
      double sum = 0;
      for (size_t j = 0; j < size; ++j) {
        sum += alignment.rotation[i * size + j] * (map[row + j] - alignment.from_mean[j]);
      }
      moved[row + i] = static_cast<float>(alignment.scale * sum + alignment.to_mean[i]);
    }
  }
  return moved;
}

}  // namespace spirogram::projector
