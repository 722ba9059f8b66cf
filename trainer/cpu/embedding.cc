#include <algorithm>

#include "base/vector_clones.h"
#include "trainer/cpu/kernels.h"

namespace spirogram::trainer::cpu {

void Gather(ConstMatrix table, const int32_t* ids, Matrix out) {
  for (int b = 0; b < out.rows; ++b) std::copy_n(Row(table, ids[b]), table.columns, Row(out, b));
}

SPIROGRAM_VECTOR_CLONES void SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient) {
  for (int r = 0; r < groups.count; ++r) {
    float* sum = Row(gradient, r);
    std::fill_n(sum, gradient.columns, 0.0f);
    for (int32_t i = groups.starts[r]; i < groups.starts[r + 1]; ++i) {
      const float* sample = Row(d_out, groups.samples[i]);
      for (int d = 0; d < gradient.columns; ++d) sum[d] += sample[d];
    }
  }
}

}  // namespace spirogram::trainer::cpu
