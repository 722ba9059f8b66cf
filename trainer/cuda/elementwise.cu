// Element by element over matrices [B, C] with strides, and sums of columns. Bound by memory: one
// thread per entry, neighbouring threads on neighbouring columns.
#include "gpu/launch.cuh"
#include "trainer/cuda/kernels.cuh"
#include "trainer/cuda/warp.cuh"

namespace spirogram::trainer::cuda {
namespace {

// Applies f(row, column) to each entry of a matrix of `rows` x `columns`.
template <typename F>
__global__ void ForEachKernel(int rows, int columns, F f) {
  const size_t i = ThreadIndex();
  if (i >= static_cast<size_t>(rows) * static_cast<size_t>(columns)) return;  // guard
  f(static_cast<int>(i / static_cast<size_t>(columns)),
    static_cast<int>(i % static_cast<size_t>(columns)));
}

// out [C] = sums of the columns of x [B, C]: one thread per column, B in the hundreds.
__global__ void SumColumnsKernel(ConstMatrix x, float* out) {
  const int c = static_cast<int>(ThreadIndex());
  if (c >= x.columns) return;  // guard
  float sum = 0;
  for (int b = 0; b < x.rows; ++b) sum += Row(x, b)[c];
  out[c] = sum;
}

template <typename F>
cudaError_t ForEach(int rows, int columns, cudaStream_t stream, F f) {
  const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(columns);
  return gpu::Launch(ForEachKernel<F>, gpu::BlockCount(count, kThreads), kThreads, stream, rows,
                     columns, f);
}

struct FillEntry {
  float* x;
  float value;
  size_t count;
  // A flat array as rows of kColumns.
  static constexpr int kColumns = 1'024;
  __device__ void operator()(int row, int column) const {
    const size_t i = static_cast<size_t>(row) * kColumns + static_cast<size_t>(column);
    if (i < count) x[i] = value;
  }
};

struct CopyEntry {
  ConstMatrix x;
  Matrix out;
  __device__ void operator()(int b, int c) const { Row(out, b)[c] = Row(x, b)[c]; }
};

struct AddEntry {
  ConstMatrix x;
  Matrix out;
  __device__ void operator()(int b, int c) const { Row(out, b)[c] += Row(x, b)[c]; }
};

struct AddConstantEntry {
  float value;
  Matrix out;
  __device__ void operator()(int b, int c) const { Row(out, b)[c] += value; }
};

struct BroadcastEntry {
  const float* row;
  Matrix out;
  __device__ void operator()(int b, int c) const { Row(out, b)[c] = row[c]; }
};

// Written so that NaN stays NaN.
struct ReluForwardEntry {
  Matrix y;
  __device__ void operator()(int b, int c) const {
    float& value = Row(y, b)[c];
    value = value <= 0 ? 0 : value;
  }
};

struct ReluBackwardEntry {
  ConstMatrix y;
  Matrix d_y;
  __device__ void operator()(int b, int c) const {
    float& gradient = Row(d_y, b)[c];
    gradient = Row(y, b)[c] <= 0 ? 0 : gradient;
  }
};

}  // namespace

cudaError_t Fill(float* x, size_t count, float value, cudaStream_t stream) {
  const auto rows = static_cast<int>(gpu::BlockCount(count, FillEntry::kColumns));
  return ForEach(rows, FillEntry::kColumns, stream, FillEntry{x, value, count});
}

cudaError_t Copy(ConstMatrix x, Matrix out, cudaStream_t stream) {
  return ForEach(out.rows, out.columns, stream, CopyEntry{x, out});
}

cudaError_t Add(ConstMatrix x, Matrix out, cudaStream_t stream) {
  return ForEach(out.rows, out.columns, stream, AddEntry{x, out});
}

cudaError_t AddConstant(float value, Matrix out, cudaStream_t stream) {
  return ForEach(out.rows, out.columns, stream, AddConstantEntry{value, out});
}

cudaError_t BroadcastRow(const float* row, Matrix out, cudaStream_t stream) {
  return ForEach(out.rows, out.columns, stream, BroadcastEntry{row, out});
}

cudaError_t SumColumns(ConstMatrix x, float* out, cudaStream_t stream) {
  const size_t blocks = gpu::BlockCount(static_cast<size_t>(x.columns), kThreads);
  return gpu::Launch(SumColumnsKernel, blocks, kThreads, stream, x, out);
}

cudaError_t ReluForward(Matrix y, cudaStream_t stream) {
  return ForEach(y.rows, y.columns, stream, ReluForwardEntry{y});
}

cudaError_t ReluBackward(ConstMatrix y, Matrix d_y, cudaStream_t stream) {
  return ForEach(y.rows, y.columns, stream, ReluBackwardEntry{y, d_y});
}

}  // namespace spirogram::trainer::cuda
