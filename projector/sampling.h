// Rows drawn without replacement.
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "projector/projector.h"
#include "projector/random.h"

namespace spirogram::projector {

// `count` of [0, rows), ascending, every choice equally likely; all where count >= rows.
inline std::vector<int64_t> SampleRows(int64_t rows, int64_t count, uint64_t seed) {
  std::vector<int64_t> sample;
  if (count >= rows) {
    sample.resize(static_cast<size_t>(rows));
    std::iota(sample.begin(), sample.end(), int64_t{0});
    return sample;
  }
  // Selection sampling (Knuth 3.4.2, algorithm S).
  Random random(seed);
  for (int64_t i = 0; i < rows && static_cast<int64_t>(sample.size()) < count; ++i) {
    const double wanted = static_cast<double>(count - static_cast<int64_t>(sample.size()));
    if (static_cast<double>(rows - i) * random.NextUniform() < wanted) sample.push_back(i);
  }
  return sample;
}

// rows.size() x D.
inline std::vector<float> CopyRows(const MatrixView& matrix, std::span<const int64_t> rows) {
  std::vector<float> copy;
  copy.reserve(rows.size() * static_cast<size_t>(matrix.dims));
  for (const int64_t row : rows) {
    const float* from = matrix.values.data() + row * matrix.dims;
    copy.insert(copy.end(), from, from + matrix.dims);
  }
  return copy;
}

}  // namespace spirogram::projector
