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

}  // namespace spirogram::logger
