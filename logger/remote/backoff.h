// How long to wait before the next attempt: twice as long each time, and never all senders at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace spirogram::logger {

// Not thread-safe.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kMin{200};
  static constexpr std::chrono::milliseconds kMax{30'000};

  // Half of the delay, and up to another half by chance; at least what the server asked for.
  std::chrono::milliseconds Next(std::chrono::seconds asked) {
    const auto half = delay_ / 2;
    std::uniform_int_distribution<int64_t> jitter(0, half.count());
    delay_ = std::min(kMax, 2 * delay_);
    return std::max<std::chrono::milliseconds>(asked,
                                               half + std::chrono::milliseconds(jitter(random_)));
  }
  void Reset() { delay_ = kMin; }

 private:
  std::chrono::milliseconds delay_ = kMin;
  std::mt19937 random_{std::random_device{}()};
};

// Attempts until no answer has come for so long as one is patient. Not thread-safe.
class PatientBackoff {
 public:
  using Time = std::chrono::steady_clock::time_point;

  PatientBackoff(std::chrono::milliseconds patience, Time now)
      : patience_(patience), end_(now + patience) {}

  void Answered(Time now) {
    backoff_.Reset();
    end_ = now + patience_;
  }
  // What is left of the patience; not negative.
  std::chrono::milliseconds Left(Time now) const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::ceil<std::chrono::milliseconds>(end_ - now));
  }
  // The wait before the next attempt, which is the last where it ends with the patience.
  std::chrono::milliseconds Next(std::chrono::seconds asked, Time now) {
    return std::min(Left(now), backoff_.Next(asked));
  }

 private:
  const std::chrono::milliseconds patience_;
  Time end_;
  Backoff backoff_;
};

}  // namespace spirogram::logger
