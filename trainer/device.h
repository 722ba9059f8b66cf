// Which processor trains.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "trainer/backend.h"

namespace spirogram::trainer {

enum class Device {
  kAuto,  // CUDA where there is a usable GPU, else the CPU
  kCpu,
  kCuda,
};

struct OpenedBackend {
  std::unique_ptr<Backend> backend;
  bool is_cuda = false;
  std::string cpu_reason;  // why the CPU serves, where it does
};

// Whether `device` is there, without taking anything of it: a profiler starts before that.
Status CheckDevice(Device device);

// `threads` is for the CPU twin; 0 means one per processor. kCuda without a usable GPU is an error.
Result<OpenedBackend> OpenBackend(Device device, int threads);

}  // namespace spirogram::trainer
