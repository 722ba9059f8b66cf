// Answers gpu/library.cc: is there a device that this build's kernels can run on?
#include <cuda_runtime.h>

#include <cstdio>

#include "gpu/probe.h"

extern "C" const char* spirogram_gpu_probe(spirogram::gpu::ProbeAnswer* answer) {
  cudaDeviceProp properties{};
  if (const cudaError_t code = cudaGetDeviceProperties(&properties, 0); code != cudaSuccess) {
    return cudaGetErrorString(code);
  }
  std::snprintf(answer->name, sizeof answer->name, "%s", properties.name);
  answer->compute_capability = properties.major * 10 + properties.minor;
  answer->memory_bytes = properties.totalGlobalMem;
  return nullptr;
}
