// RAII over CUDA and cuBLAS for the .cu files of libspirogram_cuda.so, and the one place where
// their codes become an Error. Nothing here is thread-safe; each backend owns its stream and
// handle.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <string>
#include <utility>

#include "base/result.h"

namespace spirogram::gpu {

// "gather: out of memory". `what` names the operation. CUDA forgets the error, unless the device is
// lost by it: else the next one on this thread who asks, CUB for one, would take it for its own.
// REQUIRES: code is not success.
inline Error CudaError(cudaError_t code, const std::string& what) {
  cudaGetLastError();
  const std::string message = what + ": " + cudaGetErrorString(code);
  switch (code) {
    case cudaErrorMemoryAllocation:
      return Exhausted(message);
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorDevicesUnavailable:  // another process has it for itself
      return Unavailable(message);
    default:
      return Internal(message);
  }
}

inline Error CublasError(cublasStatus_t code, const std::string& what) {
  const std::string message = what + ": " + cublasGetStatusString(code);
  return code == CUBLAS_STATUS_ALLOC_FAILED ? Exhausted(message) : Internal(message);
}

// A CUDA stream that does not wait for the legacy default stream. Movable.
class Stream {
 public:
  static Result<Stream> Create() {
    cudaStream_t stream = nullptr;
    const cudaError_t code = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    if (code != cudaSuccess) return CudaError(code, "create a stream");
    return Stream(stream);
  }
  Stream(Stream&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  Stream& operator=(Stream&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }
  ~Stream() {
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }

  cudaStream_t get() const { return stream_; }

 private:
  explicit Stream(cudaStream_t stream) : stream_(stream) {}

  cudaStream_t stream_;
};

// A cuBLAS handle that works on one stream, which must outlive it. Movable.
class BlasHandle {
 public:
  static Result<BlasHandle> Create(const Stream& stream) {
    cublasHandle_t handle = nullptr;
    cublasStatus_t code = cublasCreate(&handle);
    if (code != CUBLAS_STATUS_SUCCESS) return CublasError(code, "create a cuBLAS handle");
    BlasHandle owner(handle);
    code = cublasSetStream(handle, stream.get());
    if (code != CUBLAS_STATUS_SUCCESS) return CublasError(code, "set the stream of cuBLAS");
    return Result<BlasHandle>(std::move(owner));
  }
  BlasHandle(BlasHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  BlasHandle& operator=(BlasHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~BlasHandle() {
    if (handle_ != nullptr) cublasDestroy(handle_);
  }

  cublasHandle_t get() const { return handle_; }

 private:
  explicit BlasHandle(cublasHandle_t handle) : handle_(handle) {}

  cublasHandle_t handle_;
};

}  // namespace spirogram::gpu
