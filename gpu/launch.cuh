// How kernels are launched: by cudaLaunchKernelEx, not by <<<>>>, so that .cu files are C++ to any
// compiler and tests run the same kernels on the CPU (tests/cuda_on_cpu).
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

namespace spirogram::gpu {

// Blocks of `threads` that cover `count` items.
inline size_t BlockCount(size_t count, size_t threads) {
  return (count + threads - 1) / threads;
}

// Queues kernel(arguments...) on `stream`: `blocks` of `threads` each, or nothing where there is no
// block. The arguments are copied. Returns the error of this launch, never one from before, as
// cudaGetLastError may.
template <typename... Parameters, typename... Arguments>
cudaError_t Launch(void (*kernel)(Parameters...), size_t blocks, unsigned threads,
                   cudaStream_t stream, const Arguments&... arguments) {
  constexpr size_t kBlocksMax = INT32_MAX;  // of a grid along x, on every device
  if (blocks == 0) return cudaSuccess;
  if (blocks > kBlocksMax) return cudaErrorInvalidConfiguration;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(blocks));
  config.blockDim = dim3(threads);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...);
}

}  // namespace spirogram::gpu
