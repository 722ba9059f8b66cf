// The CUDA backend is one shared object, libspirogram_cuda.so, that lies beside the program and is
// loaded at run time: nothing else links CUDA, so every program runs on a machine without a GPU.
//
// A module with CUDA twins exports from that object one C function that returns its table of
// kernels; trainer/cuda and projector/cuda each name theirs. This header is plain C++ and may be
// included where no CUDA toolkit is installed.
#pragma once

#include <string>

#include "base/result.h"

namespace spirogram::gpu {

struct DeviceInfo {
  std::string name;            // "NVIDIA H200"
  int compute_capability = 0;  // 90 for 9.0
  size_t memory_bytes = 0;
};

// The loaded backend. Loaded once per process, on first use, and kept until its end. Thread-safe.
class Library {
 public:
  // The backend with a usable GPU, or an Error that says in one sentence what is missing: the
  // object ("this build has no CUDA backend"), the driver, a library it needs, or a device.
  static const Result<Library>& Get();

  const DeviceInfo& device() const { return device_; }

  // The address of an exported C function; nullptr when the backend has none of that name.
  void* Symbol(const char* name) const;

 private:
  friend Result<Library> LoadLibrary();

  void* handle_ = nullptr;
  DeviceInfo device_;
};

// Loads the backend and makes the device's context, once in a process, and returns the seconds that
// this took: some tenths, which else the first who computes would wait for, and count as their own.
// Where there is no usable GPU nothing more is done. Thread-safe.
double WakeDevice();

}  // namespace spirogram::gpu
