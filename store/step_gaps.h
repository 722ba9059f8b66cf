// The rhythm of a run: how long it usually takes from one step to the next. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace spirogram::store {

// Keeps the newest intervals and gives their median, so that a pause for a checkpoint does not
// count and a change of pace does.
class StepGaps {
 public:
  // What was known before: holds until enough intervals were seen.
  explicit StepGaps(double known_s = 0) : known_s_(known_s) {}

  void Add(double seconds) {
    if (!(seconds > 0)) return;
    gaps_[next_] = static_cast<float>(seconds);
    next_ = (next_ + 1) % gaps_.size();
    count_ = std::min(count_ + 1, gaps_.size());
  }

  // Seconds; 0 while nothing is known.
  double Median() const {
    if (count_ == 0 || (known_s_ > 0 && count_ < kEnough)) return known_s_;
    std::array<float, kGapsMax> sorted = gaps_;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(count_ / 2);
    std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(count_));
    return static_cast<double>(*middle);
  }

 private:
  static constexpr size_t kGapsMax = 63;
  static constexpr size_t kEnough = 9;

  double known_s_;
  std::array<float, kGapsMax> gaps_{};
  size_t count_ = 0;
  size_t next_ = 0;
};

}  // namespace spirogram::store
