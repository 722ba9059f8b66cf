// What a logger dropped, by cause, and the note of it that its event file keeps: who looks at a
// curve with a gap should learn why it is there, and the program's own log may be long gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/types.h"

namespace spirogram::logger {

struct Losses {
  uint64_t bad_calls = 0;
  uint64_t not_queued = 0;   // no room in the queue, or no memory
  uint64_t not_written = 0;  // no file to write to, or no room in the spool

  uint64_t total() const { return bad_calls + not_queued + not_written; }
};

Losses operator-(const Losses& now, const Losses& before);

// Thread-safe.
class LossCounters {
 public:
  void AddBadCall() { bad_calls_.fetch_add(1, std::memory_order_relaxed); }
  void AddNotQueued() { not_queued_.fetch_add(1, std::memory_order_relaxed); }
  void AddNotWritten(uint64_t items) { not_written_.fetch_add(items, std::memory_order_relaxed); }

  Losses Get() const;

 private:
  std::atomic<uint64_t> bad_calls_{0};
  std::atomic<uint64_t> not_queued_{0};
  std::atomic<uint64_t> not_written_{0};
};

// A record with a LogMessage of level WARN. TensorBoard passes over it; our store keeps it as a
// warning of the run.
std::string LossRecord(const Losses& losses, WallTime wall_time);

}  // namespace spirogram::logger
