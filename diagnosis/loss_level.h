// The level of a training loss: the median of its last points, beside its first value above 0.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

namespace spirogram::diagnosis {

class LossLevel {
 public:
  static constexpr int64_t kPointsMin = 12;  // before anything is said

  // The next point. REQUIRES: it is finite.
  void Add(double value);

  int64_t points() const { return points_; }
  double first() const { return first_; }  // NaN before the first value above 0
  bool is_judged() const;

  // The last fourth of the points, 10 to 20 of them, and their median; nothing before is_judged().
  const std::vector<double>& latest() const { return latest_; }
  double level() const { return level_; }
  double factor() const { return level_ / first_; }

  // Whether the latest points lie above `value` as one: losses of single samples scatter over
  // orders of magnitude, and one value or level of theirs may be small by chance. So no point is
  // below a third of the level, and the way from `value` is four times their spread, in
  // logarithms. REQUIRES: is_judged(), the level is above 0.
  bool IsFarAbove(double value) const;

 private:
  int64_t points_ = 0;
  double first_ = std::numeric_limits<double>::quiet_NaN();
  std::deque<double> recent_;
  std::vector<double> latest_;
  double level_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace spirogram::diagnosis
