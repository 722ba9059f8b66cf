// Rows of a table [N, D] into a batch [B, D], and the sums of their gradients back into one row per
// distinct id [R, D]. Bound by memory; one thread per entry of the output. The sum of a group runs
// over its samples in order: no atomics, so results repeat. A very popular row makes one slow
// thread per dim, which is fine while B is in the thousands.
#include "gpu/launch.cuh"
#include "trainer/cuda/kernels.cuh"
#include "trainer/cuda/warp.cuh"

namespace spirogram::trainer::cuda {
namespace {

__global__ void GatherKernel(ConstMatrix table, const int32_t* ids, Matrix out) {
  const size_t i = ThreadIndex();
  const auto columns = static_cast<size_t>(out.columns);
  if (i >= static_cast<size_t>(out.rows) * columns) return;  // guard
  const int b = static_cast<int>(i / columns);
  const int d = static_cast<int>(i % columns);
  Row(out, b)[d] = Row(table, ids[b])[d];
}

__global__ void SumGroupsKernel(ConstMatrix d_out, RowGroups groups, Matrix gradient) {
  const size_t i = ThreadIndex();
  const auto columns = static_cast<size_t>(gradient.columns);
  if (i >= static_cast<size_t>(groups.count) * columns) return;  // guard
  const int r = static_cast<int>(i / columns);
  const int d = static_cast<int>(i % columns);
  float sum = 0;
  for (int32_t s = groups.starts[r]; s < groups.starts[r + 1]; ++s) {
    sum += Row(d_out, groups.samples[s])[d];
  }
  Row(gradient, r)[d] = sum;
}

}  // namespace

cudaError_t Gather(ConstMatrix table, const int32_t* ids, Matrix out, cudaStream_t stream) {
  const size_t blocks = gpu::BlockCount(EntryCount(out), kThreads);
  return gpu::Launch(GatherKernel, blocks, kThreads, stream, table, ids, out);
}

cudaError_t SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient, cudaStream_t stream) {
  const size_t count = static_cast<size_t>(groups.count) * static_cast<size_t>(gradient.columns);
  return gpu::Launch(SumGroupsKernel, gpu::BlockCount(count, kThreads), kThreads, stream, d_out,
                     groups, gradient);
}

}  // namespace spirogram::trainer::cuda
