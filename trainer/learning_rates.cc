#include "trainer/learning_rates.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace spirogram::trainer {

LearningRates::LearningRates(const TrainOptions& options, Step steps)
    : base_(options.learning_rate),
      decay_(options.decay),
      steps_(steps),
      scales_(options.rate_scales) {
  for (const RateScale& scale : scales_) scaled_groups_.push_back(scale.group);
  std::sort(scaled_groups_.begin(), scaled_groups_.end());
  scaled_groups_.erase(std::unique(scaled_groups_.begin(), scaled_groups_.end()),
                       scaled_groups_.end());
}

double LearningRates::Base(Step step) const {
  if (decay_ == RateDecay::kNone || steps_ <= 0) return base_;
  const double share = static_cast<double>(step - 1) / static_cast<double>(steps_);
  return base_ * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0)));
}

double LearningRates::Of(std::string_view group, Step step) const {
  double rate = Base(step);
  for (const RateScale& scale : scales_) {
    if (scale.group == group && scale.first_step <= step && step <= scale.last_step) {
      rate *= scale.scale;
    }
  }
  return rate;
}

}  // namespace spirogram::trainer
