#include "diagnosis/scalar_track.h"

#include <algorithm>
#include <cmath>

#include "diagnosis/median.h"

namespace spirogram::diagnosis {
namespace {

constexpr size_t kBaselinePoints = 128;
constexpr size_t kBaselinePointsMin = 8;
constexpr double kJumpZ = 6;
constexpr double kSpreadMin = 0.1;
constexpr double kMadToSigma = 1.4826;  // of a normal distribution
constexpr size_t kJumpsMax = 64;
constexpr int kJumpsBeforeNewLevel = 20;  // so many in a row are a new level, not jumps

struct Level {
  double median;
  double spread;
};

Level LevelOf(const std::deque<double>& logs) {
  std::vector<double> values(logs.begin(), logs.end());
  const double median = Median(values);
  for (double& value : values) value = std::abs(value - median);
  return {median, std::max(kMadToSigma * Median(std::move(values)), kSpreadMin)};
}

}  // namespace

void ScalarTrack::Add(Step step, double mean, double peak) {
  if (!std::isfinite(mean) || mean < 0) return;
  if (!std::isfinite(peak) || peak < mean) peak = mean;
  history_.Add(step, peak);
  latest_ = mean;
  if (mean <= 0) return;
  if (recent_logs_.size() >= kBaselinePointsMin) {
    judged_from_ = std::min(judged_from_, step);
    const Level level = LevelOf(recent_logs_);
    const double z = (std::log(peak) - level.median) / level.spread;
    if (z >= kJumpZ) {
      if (++jumps_in_a_row_ == 1) jumps_since_ = step;
      KeepJump({step, peak, std::exp(level.median), z, jumps_since_, jumps_in_a_row_});
      // A jump must not become the measure for the next one, until it has proved to be a new level.
      if (jumps_in_a_row_ < kJumpsBeforeNewLevel) return;
      recent_logs_.clear();
    }
  }
  jumps_in_a_row_ = 0;
  recent_logs_.push_back(std::log(mean));
  if (recent_logs_.size() > kBaselinePoints) recent_logs_.pop_front();
}

void ScalarTrack::KeepJump(Jump jump) {
  for (Jump& earlier : jumps_) {
    if (earlier.since == jump.since) earlier.points = jump.points;
  }
  jumps_.push_back(jump);
  if (jumps_.size() <= kJumpsMax) return;
  const auto is_smaller = [](const Jump& a, const Jump& b) { return a.z < b.z; };
  jumps_.erase(std::min_element(jumps_.begin(), jumps_.end(), is_smaller));
}

double ScalarTrack::PeakUpTo(Step step) const {
  double peak = std::numeric_limits<double>::quiet_NaN();
  for (size_t i = 0; i < history_.step().size() && history_.step()[i] <= step; ++i) {
    peak = std::fmax(peak, history_.value()[i]);
  }
  return peak;
}

std::optional<ScalarTrack::Jump> ScalarTrack::LargestJump(Step from, Step to) const {
  std::optional<Jump> largest;
  for (const Jump& jump : jumps_) {
    if (jump.step < from || jump.step > to) continue;
    if (!largest || jump.z > largest->z) largest = jump;
  }
  return largest;
}

}  // namespace spirogram::diagnosis
