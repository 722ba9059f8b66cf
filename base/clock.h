// The seam for time: real in programs, fake in tests.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace spirogram {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Seconds since the Unix epoch (CLOCK_REALTIME). May step back when the system's clock is set.
  virtual WallTime Now() const = 0;
  // Nanoseconds since the Unix epoch on the same clock; profile slices use it because CUPTI does.
  virtual int64_t NowNs() const = 0;
  // Nanoseconds that never go back, for intervals.
  virtual int64_t MonotonicNs() const = 0;
};

// The system's clock; lives as long as the process.
const Clock& RealClock();

}  // namespace spirogram
