// A scalar that is a witness: how large the updates of a layer usually are, and when they were not.
//
// Keeps a bounded history and the jumps: points far above the usual level, which is the median of
// the last 128 logarithms, with the median absolute deviation as its spread (docs/diagnosis.md).
// Not thread-safe.
#pragma once

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "base/types.h"
#include "diagnosis/history.h"

namespace spirogram::diagnosis {

class ScalarTrack {
 public:
  // A point far above what was usual before it.
  struct Jump {
    Step step = 0;
    double value = 0;
    double usual = 0;
    double z = 0;    // distance from the usual level in spreads, on a logarithmic scale
    Step since = 0;  // first of the jumps that follow each other without a usual point between
    int points = 0;  // how many they are
  };

  // A point that is NaN or infinite.
  void AddNonFinite(Step step) { nonfinite_from_ = std::min(nonfinite_from_, step); }
  // The first of them; the maximum when there was none.
  Step nonfinite_from() const { return nonfinite_from_; }

  // `mean` and `peak` of one row of ScalarRows; both are the value where the row is one point.
  // REQUIRES: `step` is after the last one.
  void Add(Step step, double mean, double peak);

  const History& history() const { return history_; }
  double latest() const { return latest_; }  // NaN before the first finite value

  // The largest value up to `step`; NaN when there is none.
  double PeakUpTo(Step step) const;

  // The first point that had enough others before it to be judged; the maximum when none had. Of
  // what came earlier, nobody can say whether it was a jump.
  Step judged_from() const { return judged_from_; }

  // The jump with the largest z among those from `from` to `to`, both included.
  std::optional<Jump> LargestJump(Step from, Step to) const;

 private:
  void KeepJump(Jump jump);

  History history_;
  std::deque<double> recent_logs_;
  std::vector<Jump> jumps_;
  int jumps_in_a_row_ = 0;
  Step jumps_since_ = 0;
  Step nonfinite_from_ = std::numeric_limits<Step>::max();
  Step judged_from_ = std::numeric_limits<Step>::max();
  double latest_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace spirogram::diagnosis
