// Answers gpu/library.cc: is there a device that this build's kernels can run on?
#include <cuda_runtime.h>

#include <cstring>

#include "gpu/probe.h"

extern "C" const char* spirogram_gpu_probe(spirogram::gpu::ProbeAnswer* answer) {
  cudaDeviceProp properties{};
  if (const cudaError_t code = cudaGetDeviceProperties(&properties, 0); code != cudaSuccess) {
    return cudaGetErrorString(code);
  }
  static_assert(sizeof answer->name == sizeof properties.name);
  std::memcpy(answer->name, properties.name, sizeof answer->name);
  answer->compute_capability = properties.major * 10 + properties.minor;
  answer->memory_bytes = properties.totalGlobalMem;
  return nullptr;
}
