// Sums are accumulated in float32, by BLAS in many lanes: the error of a sum over a million terms
// stays far below what a chart shows.
#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "base/vector_clones.h"
#include "trainer/cpu/kernels.h"

namespace spirogram::trainer::cpu {
namespace {

float SquareSumOf(const float* x, size_t count) {
  constexpr size_t kPart = 1 << 30;  // BLAS counts in int
  float sum = 0;
  for (size_t begin = 0; begin < count; begin += kPart) {
    const float* part = x + begin;
    sum += cblas_sdot(static_cast<int>(std::min(kPart, count - begin)), part, 1, part, 1);
  }
  return sum;
}

}  // namespace

void Sum(const float* x, size_t count, float* out) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += x[i];
  *out = static_cast<float>(sum);
}

void SquareSum(const float* x, size_t count, float* out) {
  *out = SquareSumOf(x, count);
}

// Four rows at once: the totals are read and written a quarter as often.
SPIROGRAM_VECTOR_CLONES void AddUnitActivity(ConstMatrix y, float* active_count,
                                             float* abs_activation) {
  constexpr int kRows = 4;
  const auto is_active = [](float value) { return value != 0 ? 1.0f : 0.0f; };
  int b = 0;
  for (; b + kRows <= y.rows; b += kRows) {
    const float* rows[kRows] = {Row(y, b), Row(y, b + 1), Row(y, b + 2), Row(y, b + 3)};
    for (int o = 0; o < y.columns; ++o) {
      float active = 0;
      float sum = 0;
      for (const float* row : rows) {
        active += is_active(row[o]);
        sum += std::abs(row[o]);
      }
      active_count[o] += active;
      abs_activation[o] += sum;
    }
  }
  for (; b < y.rows; ++b) {
    const float* row = Row(y, b);
    for (int o = 0; o < y.columns; ++o) {
      active_count[o] += is_active(row[o]);
      abs_activation[o] += std::abs(row[o]);
    }
  }
}

void AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient) {
  for (int o = 0; o < d_weight.rows; ++o) {
    abs_gradient[o] += std::abs(d_bias[o]) + cblas_sasum(d_weight.columns, Row(d_weight, o), 1);
  }
}

void AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update, RowTotals totals) {
  const auto dims = static_cast<size_t>(gradient.columns);
  for (int r = 0; r < groups.count; ++r) {
    const int32_t row = groups.rows[r];
    totals.touches[row] += static_cast<float>(groups.starts[r + 1] - groups.starts[r]);
    totals.gradient_square[row] += SquareSumOf(Row(gradient, r), dims);
    totals.update_norm[row] += std::sqrt(SquareSumOf(Row(update, r), dims));
  }
}

void RowNorms(ConstMatrix table, float* out) {
  for (int n = 0; n < table.rows; ++n) {
    out[n] = std::sqrt(SquareSumOf(Row(table, n), static_cast<size_t>(table.columns)));
  }
}

}  // namespace spirogram::trainer::cpu
