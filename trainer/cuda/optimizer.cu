// SGD and Adam, dense over a parameter of any size and sparse over the touched rows [R, D] of a
// table. Bound by memory, one thread per entry. The update that is written is the change that
// float32 really made.
#include "gpu/launch.cuh"
#include "trainer/cuda/kernels.cuh"
#include "trainer/cuda/warp.cuh"

namespace spirogram::trainer::cuda {
namespace {

__device__ float Move(float* value, float change) {
  const float before = *value;
  const float after = before - change;
  *value = after;
  return after - before;
}

struct Sgd {
  float rate;
  __device__ float Change(float gradient, float*, float*, size_t) const { return rate * gradient; }
};

struct Adam {
  AdamRates rates;
  __device__ float Change(float gradient, float* moment1, float* moment2, size_t i) const {
    const float m = rates.beta1 * moment1[i] + (1 - rates.beta1) * gradient;
    const float v = rates.beta2 * moment2[i] + (1 - rates.beta2) * gradient * gradient;
    moment1[i] = m;
    moment2[i] = v;
    return rates.rate / rates.correction1 * m / (sqrtf(v / rates.correction2) + rates.epsilon);
  }
};

template <typename Rule>
__global__ void DenseKernel(DenseParameter p, Rule rule) {
  const size_t i = ThreadIndex();
  if (i >= p.count) return;  // guard
  p.update[i] = Move(&p.value[i], rule.Change(p.gradient[i], p.moment1, p.moment2, i));
}

template <typename Rule>
__global__ void RowsKernel(SparseParameter p, Rule rule) {
  const size_t i = ThreadIndex();
  const auto dims = static_cast<size_t>(p.table.columns);
  if (i >= static_cast<size_t>(p.count) * dims) return;  // guard
  const int r = static_cast<int>(i / dims);
  const int d = static_cast<int>(i % dims);
  const size_t entry =
      static_cast<size_t>(p.rows[r]) * static_cast<size_t>(p.table.stride) + static_cast<size_t>(d);
  const float change = rule.Change(Row(p.gradient, r)[d], p.moment1, p.moment2, entry);
  Row(p.update, r)[d] = Move(&p.table.data[entry], change);
}

template <typename Rule>
cudaError_t UpdateDense(const DenseParameter& p, Rule rule, cudaStream_t stream) {
  return gpu::Launch(DenseKernel<Rule>, gpu::BlockCount(p.count, kThreads), kThreads, stream, p,
                     rule);
}

template <typename Rule>
cudaError_t UpdateRows(const SparseParameter& p, Rule rule, cudaStream_t stream) {
  const size_t count = static_cast<size_t>(p.count) * static_cast<size_t>(p.table.columns);
  return gpu::Launch(RowsKernel<Rule>, gpu::BlockCount(count, kThreads), kThreads, stream, p, rule);
}

}  // namespace

cudaError_t SgdUpdate(const DenseParameter& parameter, float rate, cudaStream_t stream) {
  return UpdateDense(parameter, Sgd{rate}, stream);
}

cudaError_t AdamUpdate(const DenseParameter& parameter, const AdamRates& rates,
                       cudaStream_t stream) {
  return UpdateDense(parameter, Adam{rates}, stream);
}

cudaError_t SgdUpdateRows(const SparseParameter& parameter, float rate, cudaStream_t stream) {
  return UpdateRows(parameter, Sgd{rate}, stream);
}

cudaError_t AdamUpdateRows(const SparseParameter& parameter, const AdamRates& rates,
                           cudaStream_t stream) {
  return UpdateRows(parameter, Adam{rates}, stream);
}

}  // namespace spirogram::trainer::cuda
