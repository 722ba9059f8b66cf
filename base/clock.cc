#include "base/clock.h"

#include <ctime>

namespace spirogram {
namespace {

int64_t ReadNs(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

class SystemClock : public Clock {
 public:
  WallTime Now() const override { return static_cast<double>(NowNs()) * 1e-9; }
  int64_t NowNs() const override { return ReadNs(CLOCK_REALTIME); }
  int64_t MonotonicNs() const override { return ReadNs(CLOCK_MONOTONIC); }
};

}  // namespace

const Clock& RealClock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace spirogram
