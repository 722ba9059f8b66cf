// What the machine and this process are busy with: Linux's counters below /proc, those of the
// control groups that limit this process, and those of each GPU. docs/formats.md lists the tags.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logger/gpu_counters.h"

namespace spirogram::logger {

class SystemMetrics {
 public:
  struct Sources {
    std::string proc = "/proc";
    std::string cgroup = "/sys/fs/cgroup";
    std::string nvml = "libnvidia-ml.so.1";
  };

  explicit SystemMetrics(Sources sources) : sources_(std::move(sources)) {}

  // Values of now, and rates since the last call: the first one has no rates. What the system does
  // not tell is left out. `now_ns` is of a clock that never goes back.
  std::vector<SystemValue> Sample(int64_t now_ns);

 private:
  struct Counters {
    int64_t now_ns = 0;
    double process_s = 0;            // of CPU, all threads
    std::optional<double> cpu_busy;  // in ticks, all cores
    std::optional<double> cpu_total;
    std::optional<double> received_bytes;
    std::optional<double> sent_bytes;
  };

  Counters ReadCounters(int64_t now_ns) const;
  std::string Read(const std::string& file) const;
  void AddMemory(std::vector<SystemValue>* values) const;
  void AddMemoryLimit(std::vector<SystemValue>* values) const;
  void AddRates(const Counters& now, std::vector<SystemValue>* values) const;

  const Sources sources_;
  std::optional<Counters> last_;
  std::unique_ptr<GpuCounters> gpus_;  // null: there are none, once they were looked for
};

// When to sample. A program that hangs is to be told as stalled by its silence, so the machine is
// not sampled for longer than a minute after its last call.
class SystemSampler {
 public:
  // interval_ms: 0 for never.
  SystemSampler(int interval_ms, SystemMetrics::Sources sources)
      : interval_ns_(int64_t{interval_ms} * 1'000'000), metrics_(std::move(sources)) {}

  // Nothing unless it is time. `calls`: how many the program has made.
  std::vector<SystemValue> SampleIfDue(int64_t now_ns, uint64_t calls);

 private:
  const int64_t interval_ns_;
  SystemMetrics metrics_;
  std::optional<int64_t> last_sample_ns_;
  int64_t last_call_ns_ = 0;
  uint64_t calls_ = 0;
};

}  // namespace spirogram::logger
