// Answers gpu/library.cc: is there a device that this build's kernels can run on? And wakes it.
#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <atomic>
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

extern "C" void spirogram_gpu_wake() {
  static std::atomic<bool> is_awake{false};
  if (is_awake) return;  // to destroy a handle waits for all that the device does
  cublasHandle_t handle = nullptr;
  if (cudaSetDevice(0) != cudaSuccess) {
    cudaGetLastError();  // not for the next call to find
  } else if (cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS) {
    cublasDestroy(handle);
    is_awake = true;
  }
}
