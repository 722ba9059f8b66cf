// Losses with their gradients: logits [B, C] and labels [B] in, loss [B], correct [B] and
// d_logits [B, C] out. Softmax takes one warp per sample (C up to some thousands), the sigmoid one
// thread.
#include <cmath>

#include "gpu/launch.cuh"
#include "trainer/cuda/kernels.cuh"
#include "trainer/cuda/warp.cuh"

namespace spirogram::trainer::cuda {
namespace {

struct Largest {
  float value;
  int column;
};

// The largest entry of a row, the same in every lane, as std::max_element has it: of equal ones the
// first, and NaN only where the row begins with it.
__device__ Largest WarpLargest(const float* row, int columns) {
  Largest best{-INFINITY, columns};
  for (int c = Lane(); c < columns; c += kWarp) {
    if (row[c] > best.value || (row[c] == best.value && c < best.column)) best = {row[c], c};
  }
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    const float value = __shfl_xor_sync(0xffffffffu, best.value, offset);
    const int column = __shfl_xor_sync(0xffffffffu, best.column, offset);
    if (value > best.value || (value == best.value && column < best.column)) best = {value, column};
  }
  return isnan(row[0]) ? Largest{row[0], 0} : best;
}

__global__ void SoftmaxCrossEntropyKernel(ConstMatrix logits, const int32_t* labels,
                                          Matrix d_logits, float* loss, float* correct) {
  const int b = WarpIndex();
  if (b >= logits.rows) return;  // guard, the same for a whole warp
  const float* row = Row(logits, b);
  float* gradient = Row(d_logits, b);
  const Largest largest = WarpLargest(row, logits.columns);
  float sum = 0;
  for (int c = Lane(); c < logits.columns; c += kWarp) sum += expf(row[c] - largest.value);
  sum = WarpSum(sum);
  const float scale = 1.0f / static_cast<float>(logits.rows);
  for (int c = Lane(); c < logits.columns; c += kWarp) {
    const float probability = expf(row[c] - largest.value) / sum;
    gradient[c] = scale * (probability - (c == labels[b] ? 1.0f : 0.0f));
  }
  if (Lane() == 0) {
    loss[b] = logf(sum) + largest.value - row[labels[b]];
    correct[b] = largest.column == labels[b] ? 1.0f : 0.0f;
  }
}

__global__ void SigmoidCrossEntropyKernel(ConstMatrix logits, const float* labels, Matrix d_logits,
                                          float* loss, float* correct) {
  const int b = static_cast<int>(ThreadIndex());
  if (b >= logits.rows) return;  // guard
  const float logit = *Row(logits, b);
  const float label = labels[b];
  // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) does not overflow.
  loss[b] = fmaxf(logit, 0.0f) + log1pf(expf(-fabsf(logit))) - logit * label;
  *Row(d_logits, b) = (1.0f / (1.0f + expf(-logit)) - label) / static_cast<float>(logits.rows);
  correct[b] = (logit > 0) == (label > 0.5f) ? 1.0f : 0.0f;
}

}  // namespace

cudaError_t SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits,
                                float* loss, float* correct, cudaStream_t stream) {
  const size_t blocks = gpu::BlockCount(static_cast<size_t>(logits.rows), kWarpsPerBlock);
  return gpu::Launch(SoftmaxCrossEntropyKernel, blocks, kThreads, stream, logits, labels, d_logits,
                     loss, correct);
}

cudaError_t SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits,
                                float* loss, float* correct, cudaStream_t stream) {
  const size_t blocks = gpu::BlockCount(static_cast<size_t>(logits.rows), kThreads);
  return gpu::Launch(SigmoidCrossEntropyKernel, blocks, kThreads, stream, logits, labels, d_logits,
                     loss, correct);
}

}  // namespace spirogram::trainer::cuda
