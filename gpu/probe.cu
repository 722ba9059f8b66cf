// Answers gpu/library.cc: is there a device that this build's kernels can run on?
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "gpu/probe.h"

namespace {

// As nvcc was told, 800 for 8.0: code for the oldest runs on what is newer.
constexpr int kArchitectures[] = {__CUDA_ARCH_LIST__};

}  // namespace

extern "C" const char* spirogram_gpu_probe(spirogram::gpu::ProbeAnswer* answer) {
  cudaDeviceProp properties{};
  if (const cudaError_t code = cudaGetDeviceProperties(&properties, 0); code != cudaSuccess) {
    return cudaGetErrorString(code);
  }
  const int oldest = *std::min_element(std::begin(kArchitectures), std::end(kArchitectures));
  if (properties.major * 100 + properties.minor * 10 < oldest) {
    static char reason[160];
    std::snprintf(reason, sizeof reason, "%.80s has compute capability %d.%d, want %d.%d or newer",
                  properties.name, properties.major, properties.minor, oldest / 100,
                  oldest / 10 % 10);
    return reason;
  }
  std::snprintf(answer->name, sizeof answer->name, "%s", properties.name);
  answer->compute_capability = properties.major * 10 + properties.minor;
  answer->memory_bytes = properties.totalGlobalMem;
  return nullptr;
}
