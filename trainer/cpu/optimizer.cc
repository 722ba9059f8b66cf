#include <cmath>

#include "base/check.h"
#include "base/vector_clones.h"
#include "trainer/cpu/kernels.h"

namespace spirogram::trainer::cpu {
namespace {

// What the clones below call becomes a part of each, and so as wide as it.

// Moves `value` by -change and returns the change that float32 really made.
inline float Move(float* value, float change) {
  const float before = *value;
  *value = before - change;
  return *value - before;
}

[[gnu::always_inline]] inline void SgdSpan(const DenseParameter& p, float rate) {
  for (size_t i = 0; i < p.count; ++i) p.update[i] = Move(&p.value[i], rate * p.gradient[i]);
}

[[gnu::always_inline]] inline void AdamSpan(const DenseParameter& p, const AdamRates& rates) {
  CHECK(p.moment1 != nullptr && p.moment2 != nullptr);
  const float rate = rates.rate / rates.correction1;
  const float scale2 = 1.0f / rates.correction2;
  for (size_t i = 0; i < p.count; ++i) {
    const float g = p.gradient[i];
    p.moment1[i] = rates.beta1 * p.moment1[i] + (1 - rates.beta1) * g;
    p.moment2[i] = rates.beta2 * p.moment2[i] + (1 - rates.beta2) * g * g;
    const float change = rate * p.moment1[i] / (std::sqrt(p.moment2[i] * scale2) + rates.epsilon);
    p.update[i] = Move(&p.value[i], change);
  }
}

// Group r of a sparse parameter as a dense one of D floats.
DenseParameter RowOf(const SparseParameter& p, int r) {
  const ptrdiff_t offset = static_cast<ptrdiff_t>(p.rows[r]) * p.table.stride;
  return {.value = p.table.data + offset,
          .gradient = Row(p.gradient, r),
          .update = Row(p.update, r),
          .moment1 = p.moment1 == nullptr ? nullptr : p.moment1 + offset,
          .moment2 = p.moment2 == nullptr ? nullptr : p.moment2 + offset,
          .count = static_cast<size_t>(p.table.columns)};
}

}  // namespace

SPIROGRAM_VECTOR_CLONES void SgdUpdate(const DenseParameter& parameter, float rate) {
  SgdSpan(parameter, rate);
}

SPIROGRAM_VECTOR_CLONES void AdamUpdate(const DenseParameter& parameter, const AdamRates& rates) {
  AdamSpan(parameter, rates);
}

SPIROGRAM_VECTOR_CLONES void SgdUpdateRows(const SparseParameter& parameter, float rate) {
  for (int r = 0; r < parameter.count; ++r) SgdSpan(RowOf(parameter, r), rate);
}

SPIROGRAM_VECTOR_CLONES void AdamUpdateRows(const SparseParameter& parameter,
                                            const AdamRates& rates) {
  for (int r = 0; r < parameter.count; ++r) AdamSpan(RowOf(parameter, r), rates);
}

}  // namespace spirogram::trainer::cpu
