// GPU kernels, copies and memory sets as slices of the profile, each with the training step that
// launched it, and the calls of CUDA on the host that put them there. Uses NVIDIA's CUPTI, loaded
// at run time: a program with this in it starts everywhere, and where CUPTI cannot work, Start says
// why.
//
//   auto profiler = Profiler::Start(logger.get());
//   if (!profiler.ok()) logger->ProfileNote(profiler.error().message);
//   for (...) { if (profiler.ok()) (*profiler)->BeginStep(step); ...; (*profiler)->EndStep(); }
//
// Start it before the program's first CUDA call, when CUPTI's settings still take effect, and
// capture a window of steps rather than a whole run: tracing costs time in every launch. Before
// Stop, synchronise the device; kernels that still run then are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "base/types.h"
#include "logger/logger.h"

namespace spirogram::logger {

struct ProfilerOptions {
  int flush_interval_ms = 200;    // between two collections, at step boundaries
  size_t buffer_bytes = 1 << 20;  // of records, about 4,800 kernels
  size_t buffers_max = 64;        // beyond these, CUPTI drops records and counts them
  // Leaves out what other threads than that of Start launch: another run's, say, or a server's.
  bool is_one_thread = false;
};

struct ProfilerCounters {
  uint64_t slices = 0;           // of the GPU, logged
  uint64_t calls = 0;            // of the host, logged beside them
  uint64_t dropped_records = 0;  // CUPTI had no room for them
  uint64_t zero_timestamps = 0;  // records without a time: CUPTI's own buffers were full
  uint64_t unmatched = 0;        // logged, with the step of the time at which they ran
};

class Profiler {
 public:
  // `logger` is not owned and outlives the profiler. One profiler at a time in a process. The
  // error's message is a line for ProfileNote.
  static Result<std::unique_ptr<Profiler>> Start(Logger* logger,
                                                 const ProfilerOptions& options = {});

  // Stops.
  virtual ~Profiler() = default;

  // What this thread launches until EndStep belongs to `step`. For the thread that launches.
  virtual void BeginStep(Step step) = 0;
  virtual void EndStep() = 0;
  // Collects what is left, notes what was lost, and disables tracing. Further calls do nothing.
  virtual void Stop() = 0;
  // Thread-safe.
  virtual ProfilerCounters GetCounters() const = 0;
};

}  // namespace spirogram::logger
