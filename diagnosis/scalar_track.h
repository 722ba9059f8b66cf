// A scalar that is a witness: how large the updates of a layer usually are, and when they were not.
//
// Keeps a bounded history and the jumps: points far above the usual level, which is the median of
// the last 128 logarithms, with the median absolute deviation as its spread (docs/diagnosis.md).
// Not thread-safe.
#pragma once

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
    double z = 0;  // distance from the usual level in spreads, on a logarithmic scale
  };

  // `mean` and `peak` of one row of ScalarRows; both are the value where the row is one point.
  // REQUIRES: `step` is after the last one.
  void Add(Step step, double mean, double peak);

  const History& history() const { return history_; }
  double latest() const { return latest_; }  // NaN before the first finite value

  // The jump with the largest z among those from `from` to `to`, both included.
  std::optional<Jump> LargestJump(Step from, Step to) const;

 private:
  void KeepJump(const Jump& jump);

  History history_;
  std::deque<double> recent_logs_;
  std::vector<Jump> jumps_;
  int jumps_in_a_row_ = 0;
  double latest_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace spirogram::diagnosis
