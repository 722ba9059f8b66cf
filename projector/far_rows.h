// A few rows that lie far from all others, such as an id whose updates diverged: they hold what
// variance there is, so that figures of all rows tell of them alone. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "projector/projector.h"

namespace spirogram::projector {

// Times the median row's distance from the mean row, and the least that such rows together hold of
// the variance.
inline constexpr double kFarTimesMin = 10;
inline constexpr double kFarVarianceShareMin = 0.2;

struct FarRows {
  std::vector<int64_t> rows;  // ascending
  int64_t farthest = 0;       // of them
  double times = 0;           // its distance from the mean row over that of the median row
  double variance_share = 0;  // of all rows' that they hold
};

// None where more than 1 % of the rows, and more than one, are as far: that is the tail of what the
// rows are. None of fewer than 20 rows, which prove nothing. REQUIRES: matrix is checked.
FarRows FindFarRows(const MatrixView& matrix);

}  // namespace spirogram::projector
