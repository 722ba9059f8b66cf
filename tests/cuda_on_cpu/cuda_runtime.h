// As much of the CUDA runtime as our .cu files use, on the CPU: they are compiled as C++ against
// this folder, so that the kernels themselves and all around them run in tests of machines without
// a GPU. README.md says what that shows and what it cannot show.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "fibers.h"
#include "streams.h"

#define __global__
#define __device__
#define __host__
#define __shared__ static

using std::isnan;
using std::max;
using std::min;

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  dim3() = default;
  explicit dim3(unsigned x_in) : x(x_in) {}
};

namespace spirogram::cuda_on_cpu {

struct ThreadIndex {
  struct {
    operator unsigned() const { return static_cast<unsigned>(running_thread); }  // NOLINT
  } x;
};

// Whether all of it is memory of the device.
inline bool IsOnDevice(const void* memory, size_t bytes) {
  const auto& blocks = TheDevice().blocks;
  const auto begin = reinterpret_cast<uintptr_t>(memory);
  const auto next = blocks.upper_bound(begin);
  if (next == blocks.begin()) return false;
  const auto& [block, size] = *std::prev(next);
  return begin + bytes <= block + size;
}

}  // namespace spirogram::cuda_on_cpu

inline spirogram::cuda_on_cpu::ThreadIndex threadIdx;
inline dim3 blockIdx;
inline dim3 blockDim;
inline dim3 gridDim;

inline cudaError_t cudaGetLastError() {
  return std::exchange(spirogram::cuda_on_cpu::TheDevice().last_error, cudaSuccess);
}

struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem;
  int major;
  int minor;
};
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {"the CPU", spirogram::cuda_on_cpu::TheDevice().bytes_max, 9, 0};
  return cudaSuccess;
}

inline cudaError_t cudaSetDevice(int device) {
  if (device != 0) return spirogram::cuda_on_cpu::Failed(cudaErrorInvalidValue);
  ++spirogram::cuda_on_cpu::TheDevice().times_woken;
  return cudaSuccess;
}

enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };

// Memory.

inline cudaError_t cudaMalloc(void** to, size_t bytes) {
  using namespace spirogram::cuda_on_cpu;
  constexpr size_t kAlignment = 256;
  Device& device = TheDevice();
  *to = nullptr;
  if (device.capture != nullptr) return Failed(cudaErrorStreamCaptureUnsupported);
  if (bytes == 0) return cudaSuccess;
  if (bytes > device.bytes_max - device.bytes_used || posix_memalign(to, kAlignment, bytes) != 0) {
    return Failed(cudaErrorMemoryAllocation);
  }
  std::memset(*to, 0xFF, bytes);  // NaN, -1
  device.blocks[reinterpret_cast<uintptr_t>(*to)] = bytes;
  device.bytes_used += bytes;
  return cudaSuccess;
}
// Waits for the device, as CUDA's does.
inline cudaError_t cudaFree(void* memory) {
  using namespace spirogram::cuda_on_cpu;
  if (memory == nullptr) return cudaSuccess;
  RunDevice();
  const auto block = TheDevice().blocks.extract(reinterpret_cast<uintptr_t>(memory));
  if (block.empty()) return Failed(cudaErrorInvalidValue);
  TheDevice().bytes_used -= block.mapped();
  std::free(memory);
  return cudaSuccess;
}
inline cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  const auto& device = spirogram::cuda_on_cpu::TheDevice();
  *free_bytes = device.bytes_max - device.bytes_used;
  *total_bytes = device.bytes_max;
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                                   cudaStream_t stream) {
  using namespace spirogram::cuda_on_cpu;
  if (bytes == 0) return cudaSuccess;
  if (IsOnDevice(to, bytes) != (kind != cudaMemcpyDeviceToHost) ||
      IsOnDevice(from, bytes) != (kind != cudaMemcpyHostToDevice)) {
    return Failed(cudaErrorInvalidValue);
  }
  return Enqueue(stream, [=] { std::memmove(to, from, bytes); });
}
inline cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  using namespace spirogram::cuda_on_cpu;
  if (bytes == 0) return cudaSuccess;
  if (!IsOnDevice(to, bytes)) return Failed(cudaErrorInvalidValue);
  return Enqueue(stream, [=] { std::memset(to, value, bytes); });
}

// Launches.

struct cudaLaunchConfig_t {
  dim3 gridDim;
  dim3 blockDim;
  cudaStream_t stream;
};

template <typename... Parameters>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               std::type_identity_t<Parameters>... arguments) {
  using namespace spirogram::cuda_on_cpu;
  const dim3 grid = config->gridDim;
  const dim3 block = config->blockDim;
  if (grid.x == 0 || grid.x > INT32_MAX || block.x == 0 || block.x > kBlockThreadsMax) {
    return Failed(cudaErrorInvalidConfiguration);
  }
  return Enqueue(config->stream, [=] {
    const std::function<void()> body = [&] { kernel(arguments...); };
    gridDim = grid;
    blockDim = block;
    std::vector<int> order;
    for (const int at : InOrder(static_cast<int>(grid.x), &order)) {
      blockIdx = dim3(static_cast<unsigned>(at));
      RunBlock(static_cast<int>(block.x), body);
    }
  });
}

// What threads tell each other.

inline void __syncthreads() {
  spirogram::cuda_on_cpu::WaitForBlock();
}
inline void __syncwarp(unsigned mask = 0xffffffff) {
  spirogram::cuda_on_cpu::WaitForWarp(mask);
}

template <typename T, typename Pick>
T ShuffleOnCpu(unsigned mask, T value, const Pick& pick) {
  using namespace spirogram::cuda_on_cpu;
  static_assert(sizeof(T) <= 8);
  std::memcpy(ToShow(), &value, sizeof value);
  WaitForWarp(mask);
  const int from = pick(running_thread % kWarpLanes);
  if (from < 0 || from >= kWarpLanes) return value;
  if ((mask >> from & 1) == 0) Fail("reads of a lane that does not take part");
  std::memcpy(&value, ShownBy(from), sizeof value);
  return value;
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int other) {
  return ShuffleOnCpu(mask, value, [other](int lane) { return lane ^ other; });
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, int by) {
  return ShuffleOnCpu(mask, value, [by](int lane) { return lane + by; });
}
template <typename T>
T __shfl_sync(unsigned mask, T value, int from) {
  return ShuffleOnCpu(mask, value, [from](int) { return from; });
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  using namespace spirogram::cuda_on_cpu;
  ++TheDevice().votes;
  *ToShow() = predicate != 0 ? 1 : 0;
  WaitForWarp(mask);
  unsigned votes = 0;
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    if ((mask >> lane & 1) != 0 && *ShownBy(lane) != 0) votes |= 1U << lane;
  }
  return votes;
}
inline int __popc(unsigned bits) {
  return __builtin_popcount(bits);
}
inline int __popcll(unsigned long long bits) {
  return __builtin_popcountll(bits);
}

template <typename T>
T atomicAdd(T* to, T value) {
  ++spirogram::cuda_on_cpu::TheDevice().atomic_adds;
  const T before = *to;
  *to += value;
  return before;
}
template <typename T>
T atomicMax(T* to, T value) {
  const T before = *to;
  if (value > *to) *to = value;
  return before;
}
