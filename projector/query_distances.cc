#include "projector/query_distances.h"

#include <algorithm>
#include <array>

#include "base/lanes.h"
#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

using Double8 = double __attribute__((vector_size(64)));

constexpr int64_t kLanes = RowDistance::kLanes;
constexpr int64_t kQueries = 4;  // of which the sums stay in registers

static_assert(kLanes == 16, "the lanes of a sum are two vectors of 8");

int64_t RoundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Eight values of a row, as RowDistance multiplies them.
[[gnu::always_inline]] inline Double8 Scaled(const float* from, double scale) {
  Float8 values;
  LoadLanes(from, &values);
  return __builtin_convertvector(values, Double8) * scale;
}

[[gnu::always_inline]] inline void AddSquare(const double* x, const Double8& y, Double8* sum) {
  Double8 difference;
  LoadLanes(x, &difference);
  difference -= y;
  *sum += difference * difference;
}

// The sum of the two vectors' 16 lanes, in the order of RowDistance.
[[gnu::always_inline]] inline double SumOfLanes(const Double8& low, const Double8& high) {
  const Double8 v = low + high;
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

// squares[q] = |x[q] - scale y|^2 for four rows x and a row y of `padded` values each.
SPIROGRAM_VECTOR_CLONES
void FourSquares(const double* x, int64_t padded, const float* y, double scale, double* squares) {
  Double8 low[kQueries] = {};
  Double8 high[kQueries] = {};
  for (int64_t k = 0; k < padded; k += kLanes) {
    const Double8 y_low = Scaled(y + k, scale);
    const Double8 y_high = Scaled(y + k + 8, scale);
    for (int64_t q = 0; q < kQueries; ++q) {
      AddSquare(x + q * padded + k, y_low, &low[q]);
      AddSquare(x + q * padded + k + 8, y_high, &high[q]);
    }
  }
  for (int64_t q = 0; q < kQueries; ++q) squares[q] = SumOfLanes(low[q], high[q]);
}

}  // namespace

QueryDistances::QueryDistances(const RowDistance& distance, std::span<const int64_t> queries)
    : distance_(distance),
      queries_(static_cast<int64_t>(queries.size())),
      padded_dims_(RoundUp(distance.matrix().dims, kLanes)),
      rows_(static_cast<size_t>(RoundUp(queries_, kQueries) * padded_dims_), 0.0) {
  const MatrixView& matrix = distance.matrix();
  for (int64_t q = 0; q < queries_; ++q) {
    const int64_t i = queries[static_cast<size_t>(q)];
    const float* from = matrix.values.data() + i * matrix.dims;
    double* to = rows_.data() + q * padded_dims_;
    for (int64_t k = 0; k < matrix.dims; ++k) to[k] = distance.scale(i) * from[k];
  }
}

void QueryDistances::Measure(int64_t begin, int64_t end, std::span<float* const> out) const {
  const MatrixView& matrix = distance_.matrix();
  std::vector<float> rows(static_cast<size_t>((end - begin) * padded_dims_), 0.0F);
  for (int64_t j = begin; j < end; ++j) {
    const float* from = matrix.values.data() + j * matrix.dims;
    std::copy(from, from + matrix.dims, rows.data() + (j - begin) * padded_dims_);
  }
  for (int64_t first = 0; first < queries_; first += kQueries) {
    const int64_t count = std::min(kQueries, queries_ - first);
    for (int64_t j = begin; j < end; ++j) {
      std::array<double, kQueries> squares;
      FourSquares(rows_.data() + first * padded_dims_, padded_dims_,
                  rows.data() + (j - begin) * padded_dims_, distance_.scale(j), squares.data());
      for (int64_t q = 0; q < count; ++q) {
        out[static_cast<size_t>(first + q)][j] =
            distance_.OfSquare(squares[static_cast<size_t>(q)]);
      }
    }
  }
}

}  // namespace spirogram::projector
