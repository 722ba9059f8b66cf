// A series as the means of blocks of equal length, never more than a bound of them however long the
// run: what a level is taken from, where History keeps peaks. When it is full, neighbouring blocks
// merge. The outcome depends on the points alone, not on how calls were split. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.h"

namespace spirogram::diagnosis {

class BlockMeans {
 public:
  static constexpr size_t kBlocksMax = 256;

  // The next point. REQUIRES: it is finite, and `step` is after the last one.
  void Add(Step step, double value);

  int64_t points() const { return points_; }
  // Of the blocks, the last of which may not be full: the step of the first point, and the mean.
  const std::vector<Step>& step() const { return step_; }
  const std::vector<double>& mean() const { return mean_; }

  // Of the blocks; NaN where there is none. The error is how far the median of the later half may
  // be off by chance: its standard error, from the median absolute deviation of the blocks.
  double MedianOfEarlierHalf() const;
  double MedianOfLaterHalf() const;
  double ErrorOfLaterHalf() const;

 private:
  void MergeNeighbours();
  std::vector<double> LaterHalf() const;

  std::vector<Step> step_;
  std::vector<double> mean_;
  int64_t points_ = 0;
  int64_t points_per_block_ = 1;
  int64_t points_in_last_block_ = 0;
};

}  // namespace spirogram::diagnosis
