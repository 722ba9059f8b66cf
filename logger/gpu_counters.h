// What NVIDIA's management library (NVML) says of each GPU. Loaded at run time, by declarations of
// our own: a machine without a GPU needs neither the library nor its header.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spirogram::logger {

// Tag and value.
using SystemValue = std::pair<std::string, double>;

// Not thread-safe.
class GpuCounters {
 public:
  // kUnavailable where the library or a GPU is missing. Takes up to a second on a machine with many
  // GPUs that nobody uses.
  static Result<std::unique_ptr<GpuCounters>> Open(const std::string& library);

  virtual ~GpuCounters() = default;

  // Appends system/gpu_N/... of docs/formats.md; what a GPU does not count is left out.
  virtual void Read(std::vector<SystemValue>* values) = 0;
};

}  // namespace spirogram::logger
