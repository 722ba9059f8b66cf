// How the projector's kernels are launched, and what they share.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "base/result.h"
#include "gpu/launch.cuh"
#include "projector/cuda/device_buffer.h"

namespace spirogram::projector {

inline constexpr int kWarp = 32;
inline constexpr unsigned kWholeWarp = 0xffffffff;
inline constexpr int kBlock = 256;  // threads, a multiple of kWarp and a power of two
inline constexpr int kWarpsPerBlock = kBlock / kWarp;

inline int64_t BlocksFor(int64_t count, int64_t per_block) {
  return (count + per_block - 1) / per_block;
}

// Blocks of kBlock threads. `what` names the operation in an error. Nothing where there is no
// block.
template <typename... Parameters, typename... Arguments>
Status Launch(const char* what, void (*kernel)(Parameters...), int64_t blocks, cudaStream_t stream,
              const Arguments&... arguments) {
  return CudaStatus(gpu::Launch(kernel, static_cast<size_t>(blocks), kBlock, stream, arguments...),
                    what);
}

template <typename Body>
__global__ void ForEachKernel(int64_t count, Body body) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * kBlock + threadIdx.x;
  if (at < count) body(at);
}

// body(i) for each i of [0, count), a thread each.
template <typename Body>
Status ForEach(const char* what, int64_t count, const Body& body, cudaStream_t stream) {
  return Launch(what, ForEachKernel<Body>, BlocksFor(count, kBlock), stream, count, body);
}

__device__ inline int Lane() {
  return static_cast<int>(threadIdx.x) % kWarp;
}
__device__ inline int64_t ThreadIndex() {
  return static_cast<int64_t>(blockIdx.x) * kBlock + threadIdx.x;
}
__device__ inline int64_t WarpIndex() {
  return ThreadIndex() / kWarp;
}

// The sum of `value` over the warp, in every lane.
template <typename T>
__device__ T WarpSum(T value) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(kWholeWarp, value, offset);
  }
  return value;
}

// All threads of a block take part in each of these two; the answer is for thread 0. `shared` holds
// kBlock values, and may be used again at once.
template <typename T, typename Operation>
__device__ T BlockReduce(T value, T* shared, Operation operation) {
  __syncthreads();
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = kBlock / 2; half > 0; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) {
      shared[threadIdx.x] = operation(shared[threadIdx.x], shared[threadIdx.x + half]);
    }
    __syncthreads();
  }
  return shared[0];
}

struct Plus {
  template <typename T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

}  // namespace spirogram::projector
