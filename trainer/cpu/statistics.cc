// Sums are accumulated in float32, in many lanes: the error of a sum over a million terms stays far
// below what a chart shows. Whole tensors are summed by BLAS, rows here: a call of BLAS takes as
// long as a row of 32.
#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "base/lanes.h"
#include "base/vector_clones.h"
#include "trainer/cpu/kernels.h"

namespace spirogram::trainer::cpu {
namespace {

// What a value adds to a sum, in one lane or in eight.
struct Square {
  template <typename T>
  [[gnu::always_inline]] static void AddTo(T* sum, const T& value) {
    *sum += value * value;
  }
};
struct Magnitude {
  [[gnu::always_inline]] static void AddTo(float* sum, float value) { *sum += std::abs(value); }
  [[gnu::always_inline]] static void AddTo(Float8* sum, const Float8& values) {
    constexpr uint32_t kAllButSign = 0x7fffffff;
    UInt8 bits;
    LoadLanes(&values, &bits);
    bits &= kAllButSign;
    Float8 magnitudes;
    LoadLanes(&bits, &magnitudes);
    *sum += magnitudes;
  }
};

// In several vectors, since each addition waits for the one before it.
template <typename Term>
[[gnu::always_inline]] inline float SumOfRow(const float* x, int count) {
  constexpr int kVectors = 4;
  Float8 sums[kVectors] = {};
  Float8 values;
  int i = 0;
  for (; i + kVectors * kLanes8 <= count; i += kVectors * kLanes8) {
    for (int v = 0; v < kVectors; ++v) {
      LoadLanes(x + i + v * kLanes8, &values);
      Term::AddTo(&sums[v], values);
    }
  }
  for (; i + kLanes8 <= count; i += kLanes8) {
    LoadLanes(x + i, &values);
    Term::AddTo(&sums[0], values);
  }
  float sum = SumOfLanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; i < count; ++i) Term::AddTo(&sum, x[i]);
  return sum;
}

}  // namespace

void Sum(const float* x, size_t count, float* out) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += x[i];
  *out = static_cast<float>(sum);
}

void SquareSum(const float* x, size_t count, float* out) {
  constexpr size_t kPart = 1 << 30;  // BLAS counts in int
  float sum = 0;
  for (size_t begin = 0; begin < count; begin += kPart) {
    const float* part = x + begin;
    sum += cblas_sdot(static_cast<int>(std::min(kPart, count - begin)), part, 1, part, 1);
  }
  *out = sum;
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

SPIROGRAM_VECTOR_CLONES void AddUnitGradient(ConstMatrix d_weight, const float* d_bias,
                                             float* abs_gradient) {
  for (int o = 0; o < d_weight.rows; ++o) {
    abs_gradient[o] +=
        std::abs(d_bias[o]) + SumOfRow<Magnitude>(Row(d_weight, o), d_weight.columns);
  }
}

SPIROGRAM_VECTOR_CLONES void AddRowActivity(RowGroups groups, ConstMatrix gradient,
                                            ConstMatrix update, RowTotals totals) {
  for (int r = 0; r < groups.count; ++r) {
    const int32_t row = groups.rows[r];
    totals.touches[row] += static_cast<float>(groups.starts[r + 1] - groups.starts[r]);
    totals.gradient_square[row] += SumOfRow<Square>(Row(gradient, r), gradient.columns);
    totals.update_norm[row] += std::sqrt(SumOfRow<Square>(Row(update, r), update.columns));
  }
}

SPIROGRAM_VECTOR_CLONES void RowNorms(ConstMatrix table, float* out) {
  for (int n = 0; n < table.rows; ++n) {
    out[n] = std::sqrt(SumOfRow<Square>(Row(table, n), table.columns));
  }
}

}  // namespace spirogram::trainer::cpu
