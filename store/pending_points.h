// Points that wait for a commit, in half the memory of ScalarPoints: while the steps rise evenly
// only the first and the distance are kept, and while the values are those of floats, floats.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/types.h"
#include "store/block_codec.h"

namespace spirogram::store {

class PendingPoints {
 public:
  void Reserve(size_t count);
  size_t size() const { return wall_times_.size(); }

  void Append(Step step, WallTime wall_time, double value) {
    if (is_even_ && static_cast<uint64_t>(step) == next_step_) [[likely]] {
      next_step_ += stride_;
    } else {
      AddStep(step);
    }
    wall_times_.push_back(wall_time);
    if (doubles_.empty() && FitsFloat(value)) [[likely]] {
      floats_.push_back(static_cast<float>(value));
    } else {
      AddDouble(value);
    }
  }

  // Lowest and highest. REQUIRES: size() > 0.
  std::pair<Step, Step> StepRange() const;
  // Bit for bit what was appended.
  ScalarPoints ToColumns() const;

 private:
  std::vector<Step> Steps() const;
  void AddStep(Step step);
  void AddDouble(double value);

  // Unsigned, because steps may be as far apart as their type allows. Even from the second point
  // on.
  bool is_even_ = false;
  uint64_t first_step_ = 0;
  uint64_t stride_ = 0;
  uint64_t next_step_ = 0;
  std::vector<Step> steps_;  // all of them, once they are uneven
  std::vector<WallTime> wall_times_;
  std::vector<float> floats_;
  std::vector<double> doubles_;  // all values, once one is no float
};

}  // namespace spirogram::store
