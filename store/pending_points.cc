#include "store/pending_points.h"

#include <algorithm>

#include "base/check.h"

namespace spirogram::store {

void PendingPoints::Reserve(size_t count) {
  wall_times_.reserve(count);
  floats_.reserve(count);
}

std::pair<Step, Step> PendingPoints::StepRange() const {
  CHECK(size() > 0);
  const std::vector<Step> steps = Steps();
  const auto [low, high] = std::minmax_element(steps.begin(), steps.end());
  return {*low, *high};
}

ScalarPoints PendingPoints::ToColumns() const {
  ScalarPoints points{Steps(), wall_times_, doubles_};
  if (doubles_.empty()) points.value.assign(floats_.begin(), floats_.end());
  return points;
}

std::vector<Step> PendingPoints::Steps() const {
  if (!steps_.empty()) return steps_;
  std::vector<Step> steps(size());
  uint64_t next = first_step_;
  for (Step& step : steps) step = static_cast<Step>(std::exchange(next, next + stride_));
  return steps;
}

// The first two, and those that are off the line.
void PendingPoints::AddStep(Step step) {
  const auto number = static_cast<uint64_t>(step);
  if (size() == 0) {
    first_step_ = number;
  } else if (size() == 1) {
    is_even_ = true;
    stride_ = number - first_step_;
    next_step_ = number + stride_;
  } else {
    if (std::exchange(is_even_, false)) steps_ = Steps();
    steps_.push_back(step);
  }
}

void PendingPoints::AddDouble(double value) {
  if (doubles_.empty()) {
    doubles_.reserve(floats_.capacity());
    doubles_.assign(floats_.begin(), floats_.end());
    floats_ = {};
  }
  doubles_.push_back(value);
}

}  // namespace spirogram::store
