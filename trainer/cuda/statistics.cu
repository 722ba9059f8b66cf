// Sums that the instrumentation needs, in float32. A whole tensor goes into one number by one block
// (up to some millions of floats); rows of a matrix take a warp each; units of an activation
// [B, O] a thread each, neighbours on neighbouring columns.
#include <cub/block/block_reduce.cuh>

#include "gpu/launch.cuh"
#include "trainer/cuda/kernels.cuh"
#include "trainer/cuda/warp.cuh"

namespace spirogram::trainer::cuda {
namespace {

constexpr unsigned kSumThreads = 1'024;

template <bool kSquare>
__global__ void SumKernel(const float* x, size_t count, float* out) {
  using Reduce = cub::BlockReduce<float, kSumThreads>;
  __shared__ typename Reduce::TempStorage storage;
  float sum = 0;
  for (size_t i = threadIdx.x; i < count; i += kSumThreads) sum += kSquare ? x[i] * x[i] : x[i];
  sum = Reduce(storage).Sum(sum);
  if (threadIdx.x == 0) *out = sum;
}

__global__ void AddUnitActivityKernel(ConstMatrix y, float* active_count, float* abs_activation) {
  const int o = static_cast<int>(ThreadIndex());
  if (o >= y.columns) return;  // guard
  float active = 0;
  float sum = 0;
  for (int b = 0; b < y.rows; ++b) {
    const float value = Row(y, b)[o];
    active += value != 0 ? 1.0f : 0.0f;
    sum += fabsf(value);
  }
  active_count[o] += active;
  abs_activation[o] += sum;
}

__global__ void AddUnitGradientKernel(ConstMatrix d_weight, const float* d_bias,
                                      float* abs_gradient) {
  const int o = WarpIndex();
  if (o >= d_weight.rows) return;  // guard, the same for a whole warp
  const float* row = Row(d_weight, o);
  float sum = 0;
  for (int i = Lane(); i < d_weight.columns; i += kWarp) sum += fabsf(row[i]);
  sum = WarpSum(sum);
  if (Lane() == 0) abs_gradient[o] += sum + fabsf(d_bias[o]);
}

__global__ void AddRowActivityKernel(RowGroups groups, ConstMatrix gradient, ConstMatrix update,
                                     RowTotals totals) {
  const int r = WarpIndex();
  if (r >= groups.count) return;  // guard, the same for a whole warp
  const float gradient_square = WarpSquareSum(Row(gradient, r), gradient.columns);
  const float update_square = WarpSquareSum(Row(update, r), update.columns);
  if (Lane() != 0) return;
  const int32_t row = groups.rows[r];  // distinct for each warp: no two add to the same total
  totals.touches[row] += static_cast<float>(groups.starts[r + 1] - groups.starts[r]);
  totals.gradient_square[row] += gradient_square;
  totals.update_norm[row] += sqrtf(update_square);
}

__global__ void RowNormsKernel(ConstMatrix table, float* out) {
  const int n = WarpIndex();
  if (n >= table.rows) return;  // guard, the same for a whole warp
  const float square = WarpSquareSum(Row(table, n), table.columns);
  if (Lane() == 0) out[n] = sqrtf(square);
}

size_t WarpBlocks(int warps) {
  return gpu::BlockCount(static_cast<size_t>(warps), kWarpsPerBlock);
}

}  // namespace

cudaError_t Sum(const float* x, size_t count, float* out, cudaStream_t stream) {
  return gpu::Launch(SumKernel<false>, 1, kSumThreads, stream, x, count, out);
}

cudaError_t SquareSum(const float* x, size_t count, float* out, cudaStream_t stream) {
  return gpu::Launch(SumKernel<true>, 1, kSumThreads, stream, x, count, out);
}

cudaError_t AddUnitActivity(ConstMatrix y, float* active_count, float* abs_activation,
                            cudaStream_t stream) {
  const size_t blocks = gpu::BlockCount(static_cast<size_t>(y.columns), kThreads);
  return gpu::Launch(AddUnitActivityKernel, blocks, kThreads, stream, y, active_count,
                     abs_activation);
}

cudaError_t AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient,
                            cudaStream_t stream) {
  return gpu::Launch(AddUnitGradientKernel, WarpBlocks(d_weight.rows), kThreads, stream, d_weight,
                     d_bias, abs_gradient);
}

cudaError_t AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update,
                           RowTotals totals, cudaStream_t stream) {
  return gpu::Launch(AddRowActivityKernel, WarpBlocks(groups.count), kThreads, stream, groups,
                     gradient, update, totals);
}

cudaError_t RowNorms(ConstMatrix table, float* out, cudaStream_t stream) {
  return gpu::Launch(RowNormsKernel, WarpBlocks(table.rows), kThreads, stream, table, out);
}

}  // namespace spirogram::trainer::cuda
