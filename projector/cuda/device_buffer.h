// The little that the projector's kernels need of the CUDA runtime, owned: memory, a stream, and
// the one place where its codes become Errors.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "base/result.h"
#include "base/str.h"

namespace spirogram::projector {

// Success, or: kExhausted (no device memory), kUnavailable (no device), kInternal (anything else).
inline Status CudaStatus(cudaError_t code, const char* what) {
  if (code == cudaSuccess) return {};
  cudaGetLastError();  // forget it, unless the device is lost: the next call may be fine
  const std::string message = StrCat(what, ": ", cudaGetErrorString(code));
  switch (code) {
    case cudaErrorMemoryAllocation:
      return Exhausted(message);
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorDevicesUnavailable:
      return Unavailable(message);
    default:
      return Internal(message);
  }
}

// kExhausted: `bytes` more are needed than there are.
inline Error NoDeviceMemory(size_t bytes) {
  cudaGetLastError();  // not sticky: forget it, the next call is fine
  size_t free_bytes = 0;
  size_t total_bytes = 0;
  cudaMemGetInfo(&free_bytes, &total_bytes);
  return Exhausted(StrCat("the GPU's memory: ", bytes, " bytes are needed, ", free_bytes, " of ",
                          total_bytes, " are free"));
}

// An array in device memory. Move-only.
template <typename T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  // REQUIRES: nothing is allocated yet. The contents are undefined. Errors: kExhausted, with the
  // bytes that were wanted and those that are free.
  Status Allocate(size_t size) {
    const cudaError_t code = cudaMalloc(reinterpret_cast<void**>(&data_), size * sizeof(T));
    if (code == cudaErrorMemoryAllocation) return NoDeviceMemory(size * sizeof(T));
    RETURN_IF_ERROR(CudaStatus(code, "device memory"));
    size_ = size;
    return {};
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  size_t bytes() const { return size_ * sizeof(T); }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

// A stream of its own: the projector neither waits for a training loop in this process nor makes it
// wait.
class Stream {
 public:
  Stream() = default;
  ~Stream() {
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Status Create() {
    return CudaStatus(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking),
                      "create a stream");
  }
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace spirogram::projector
