#include "projector/spare_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <thread>
#include <utility>

#include "base/clock.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kLookNs = 100'000'000;

// Cores that stay idle while others work: where less is left, somebody may be waiting for one. A
// training that waits for its slowest thread leaves some idle time to itself.
constexpr double kIdleCores = 0.25;
// What programs of normal priority take on a machine at rest.
constexpr double kRestingCores = 0.1;
// Down fast, and up slowly enough not to swing: from all to the least in 1.3 s, and back in 2.5 s.
constexpr double kDown = 0.7;
constexpr double kUp = 1.2;

}  // namespace

CpuTimes ParseCpuTimes(std::string_view stat) {
  constexpr std::string_view kName = "cpu ";
  if (!stat.starts_with(kName)) return {};
  stat.remove_prefix(kName.size());
  enum Field { kUser, kNice, kSystem, kIdle, kIoWait, kIrq, kSoftIrq, kFields };
  std::array<int64_t, kFields> ticks{};
  for (int64_t& field : ticks) {
    stat.remove_prefix(std::min(stat.find_first_not_of(' '), stat.size()));
    const auto [end, error] = std::from_chars(stat.data(), stat.data() + stat.size(), field);
    if (error != std::errc()) return {};
    stat.remove_prefix(static_cast<size_t>(end - stat.data()));
  }
  return {.normal = ticks[kUser] + ticks[kSystem] + ticks[kIrq] + ticks[kSoftIrq],
          .low = ticks[kNice],
          .idle = ticks[kIdle] + ticks[kIoWait]};
}

double NextShare(double share, const CpuTimes& before, const CpuTimes& after, int cores) {
  const int64_t normal = after.normal - before.normal;
  const int64_t idle = after.idle - before.idle;
  const int64_t all = normal + idle + after.low - before.low;
  if (all <= 0) return share;
  const double ticks_of_core = static_cast<double>(all) / cores;
  const bool is_free = static_cast<double>(idle) > kIdleCores * ticks_of_core ||
                       static_cast<double>(normal) < kRestingCores * ticks_of_core;
  return std::clamp(share * (is_free ? kUp : kDown), kShareMin, 1.0);
}

SpareTime::SpareTime(std::string stat_file)
    : stat_file_(std::move(stat_file)),
      cores_(std::max(1, static_cast<int>(std::thread::hardware_concurrency()))) {}

double SpareTime::Share() {
  const std::lock_guard lock(mutex_);
  const int64_t now_ns = RealClock().MonotonicNs();
  if (now_ns - looked_ns_ < kLookNs) return share_;
  std::string line;
  std::ifstream stat(stat_file_);
  std::getline(stat, line);
  const CpuTimes times = ParseCpuTimes(line);
  if (looked_ns_ != 0) share_ = NextShare(share_, times_, times, cores_);
  looked_ns_ = now_ns;
  times_ = times;
  return share_;
}

}  // namespace spirogram::projector
