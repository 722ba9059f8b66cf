// The learning rate of each step and group of parameters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trainer/train_options.h"

namespace spirogram::trainer {

class LearningRates {
 public:
  // `steps` is the length of the run, 0 where it is not known (then there is no decay).
  LearningRates(const TrainOptions& options, Step steps);

  double Base(Step step) const;
  // Base times the scales of the group that hold at the step.
  double Of(std::string_view group, Step step) const;
  // Groups that a scale concerns, sorted.
  const std::vector<std::string>& scaled_groups() const { return scaled_groups_; }

 private:
  const double base_;
  const RateDecay decay_;
  const Step steps_;
  const std::vector<RateScale> scales_;
  std::vector<std::string> scaled_groups_;
};

}  // namespace spirogram::trainer
