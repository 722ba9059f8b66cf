#include "diagnosis/loss_level.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "diagnosis/median.h"

namespace spirogram::diagnosis {
namespace {

constexpr size_t kLatestMin = 10;
constexpr size_t kLatestMax = 20;
constexpr double kNear = 3;
constexpr double kSpreads = 4;
constexpr double kMadToSigma = 1.4826;  // of a normal distribution

}  // namespace

void LossLevel::Add(double value) {
  if (std::isnan(first_) && value > 0) first_ = value;
  ++points_;
  recent_.push_back(value);
  if (recent_.size() > kLatestMax) recent_.pop_front();
  if (!is_judged()) return;
  const size_t fourth = std::clamp(static_cast<size_t>(points_) / 4, kLatestMin, kLatestMax);
  const size_t count = std::min(fourth, recent_.size());
  latest_.assign(recent_.end() - static_cast<std::ptrdiff_t>(count), recent_.end());
  level_ = Median(latest_);
}

bool LossLevel::is_judged() const {
  return points_ >= kPointsMin && !std::isnan(first_);
}

bool LossLevel::IsFarAbove(double value) const {
  const double lowest = *std::min_element(latest_.begin(), latest_.end());
  if (lowest < level_ / kNear) return false;
  std::vector<double> distances;
  distances.reserve(latest_.size());
  for (const double one : latest_) distances.push_back(std::abs(std::log(one / level_)));
  const double spread = kMadToSigma * Median(std::move(distances));
  return std::log(level_ / value) >= kSpreads * spread;
}

}  // namespace spirogram::diagnosis
