#include "diagnosis/block_means.h"

#include <cmath>
#include <utility>

#include "diagnosis/median.h"

namespace spirogram::diagnosis {
namespace {

constexpr double kMadToSigma = 1.4826;    // of a normal distribution
constexpr double kMedianToMean = 1.2533;  // the standard error of its median, against its mean's

}  // namespace

void BlockMeans::Add(Step step, double value) {
  ++points_;
  if (!step_.empty() && points_in_last_block_ < points_per_block_) {
    ++points_in_last_block_;
    mean_.back() += (value - mean_.back()) / static_cast<double>(points_in_last_block_);
    return;
  }
  if (step_.size() == kBlocksMax) MergeNeighbours();
  step_.push_back(step);
  mean_.push_back(value);
  points_in_last_block_ = 1;
}

void BlockMeans::MergeNeighbours() {
  const size_t half = step_.size() / 2;
  for (size_t i = 0; i < half; ++i) {
    step_[i] = step_[2 * i];
    mean_[i] = mean_[2 * i] / 2 + mean_[2 * i + 1] / 2;
  }
  step_.resize(half);
  mean_.resize(half);
  points_per_block_ *= 2;
}

std::vector<double> BlockMeans::LaterHalf() const {
  return {mean_.begin() + static_cast<std::ptrdiff_t>(mean_.size() / 2), mean_.end()};
}

double BlockMeans::MedianOfEarlierHalf() const {
  return Median({mean_.begin(), mean_.begin() + static_cast<std::ptrdiff_t>(mean_.size() / 2)});
}

double BlockMeans::MedianOfLaterHalf() const {
  return Median(LaterHalf());
}

double BlockMeans::ErrorOfLaterHalf() const {
  std::vector<double> distances = LaterHalf();
  const double median = Median(distances);
  for (double& value : distances) value = std::abs(value - median);
  const auto count = static_cast<double>(distances.size());
  return kMedianToMean * kMadToSigma * Median(std::move(distances)) / std::sqrt(count);
}

}  // namespace spirogram::diagnosis
