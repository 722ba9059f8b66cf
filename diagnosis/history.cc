#include "diagnosis/history.h"

#include <cmath>
#include <utility>

#include "diagnosis/median.h"

namespace spirogram::diagnosis {

void History::Add(Step step, double value) {
  if (!std::isfinite(value)) return;
  const bool is_slot_open = !step_.empty() && points_in_last_slot_ < points_per_slot_;
  if (is_slot_open) {
    ++points_in_last_slot_;
    if (value > value_.back()) {
      value_.back() = value;
      step_.back() = step;
    }
    return;
  }
  if (step_.size() == kPointsMax) MergeNeighbours();
  step_.push_back(step);
  value_.push_back(value);
  points_in_last_slot_ = 1;
}

void History::MergeNeighbours() {
  const size_t half = step_.size() / 2;
  for (size_t i = 0; i < half; ++i) {
    const size_t kept = value_[2 * i + 1] > value_[2 * i] ? 2 * i + 1 : 2 * i;
    step_[i] = step_[kept];
    value_[i] = value_[kept];
  }
  step_.resize(half);
  value_.resize(half);
  points_per_slot_ *= 2;
}

double History::Median() const {
  return diagnosis::Median(value_);
}

store::EvidenceSeries History::ToEvidence(std::string label, std::string unit, bool is_log) const {
  store::EvidenceSeries series;
  series.label = std::move(label);
  series.unit = std::move(unit);
  series.is_log = is_log;
  for (size_t i = 0; i < step_.size(); ++i) {
    if (is_log && value_[i] <= 0) continue;
    series.step.push_back(step_[i]);
    series.value.push_back(value_[i]);
  }
  return series;
}

}  // namespace spirogram::diagnosis
