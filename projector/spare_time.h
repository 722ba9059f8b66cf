// How much of the processor's time others leave to work that yields.
//
// The lowest priority alone does not keep a map out of a training's way. Threads that meet at
// barriers wait for whichever of them it held up for a slice of the scheduler, and they hand their
// core on while they wait; and where sessions share the cores (autogroup, sched(7)) a priority
// counts among the programs of one terminal only. So a map sleeps as well: the less time the
// programs of normal priority leave idle, the more.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace spirogram::projector {

// Of all cores since the system's start, in its ticks.
struct CpuTimes {
  int64_t normal = 0;  // programs of normal priority, and the kernel
  int64_t low = 0;     // programs of low priority
  int64_t idle = 0;
};

// The first line of /proc/stat (proc_stat(5)); zeros when it is another.
CpuTimes ParseCpuTimes(std::string_view stat);

// The share of its time that work which yields may take, after one of `share`, in [kShareMin, 1].
inline constexpr double kShareMin = 0.01;
double NextShare(double share, const CpuTimes& before, const CpuTimes& after, int cores);

// Thread-safe.
class SpareTime {
 public:
  explicit SpareTime(std::string stat_file = "/proc/stat");

  // Looks at the machine when the last look is a tenth of a second old. 1 where it cannot be seen.
  double Share();

 private:
  const std::string stat_file_;
  const int cores_;
  std::mutex mutex_;  // guards the members below
  int64_t looked_ns_ = 0;
  CpuTimes times_;
  double share_ = 1;
};

}  // namespace spirogram::projector
