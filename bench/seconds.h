#pragma once

#include <time.h>

namespace spirogram::bench {

// CLOCK_MONOTONIC, or the processor time of a thread or of the process.
inline double Seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace spirogram::bench
