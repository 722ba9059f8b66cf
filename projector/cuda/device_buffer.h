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
  const std::string message = StrCat(what, ": ", cudaGetErrorString(code));
  switch (code) {
    case cudaErrorMemoryAllocation:
      cudaGetLastError();  // this one is not sticky: forget it, the next launch is fine
      return Exhausted(message);
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorDevicesUnavailable:
      return Unavailable(message);
    default:
      return Internal(message);
  }
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

  // REQUIRES: nothing is allocated yet. The contents are undefined.
  Status Allocate(size_t size) {
    const Status status = CudaStatus(cudaMalloc(reinterpret_cast<void**>(&data_), size * sizeof(T)),
                                     "t-SNE: device memory");
    if (status.ok()) size_ = size;
    return status;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
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
    return CudaStatus(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "t-SNE: stream");
  }
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace spirogram::projector
