// What the kernels share: index arithmetic and sums over a warp. The order of additions is fixed by
// the shapes, so results repeat bit by bit.
#pragma once

#include "trainer/backend.h"

namespace spirogram::trainer::cuda {

inline constexpr unsigned kThreads = 256;
inline constexpr unsigned kWarp = 32;
inline constexpr unsigned kWarpsPerBlock = kThreads / kWarp;

__device__ inline size_t ThreadIndex() {
  return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

// The number of this warp in the grid, and this thread's place in it.
__device__ inline int WarpIndex() {
  return static_cast<int>(ThreadIndex() / kWarp);
}
__device__ inline int Lane() {
  return static_cast<int>(threadIdx.x % kWarp);
}

__device__ inline float* Row(const Matrix& m, int row) {
  return m.data + static_cast<ptrdiff_t>(row) * m.stride;
}
__device__ inline const float* Row(const ConstMatrix& m, int row) {
  return m.data + static_cast<ptrdiff_t>(row) * m.stride;
}

// The sum of `value` over the warp, in every lane.
__device__ inline float WarpSum(float value) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, offset);
  }
  return value;
}

// The sum of squares of a row of `columns` floats, in every lane.
__device__ inline float WarpSquareSum(const float* row, int columns) {
  float sum = 0;
  for (int c = Lane(); c < columns; c += kWarp) sum += row[c] * row[c];
  return WarpSum(sum);
}

// Entries of a matrix, for one thread per entry.
inline size_t EntryCount(const ConstMatrix& m) {
  return static_cast<size_t>(m.rows) * static_cast<size_t>(m.columns);
}

}  // namespace spirogram::trainer::cuda
