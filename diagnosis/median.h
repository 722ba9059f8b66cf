// The median, the one average that a few wild rows or spikes do not move. Pure.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

namespace spirogram::diagnosis {

// The upper median; NaN of nothing. O(n).
// REQUIRES: no value is NaN (a NaN has no order).
inline double Median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace spirogram::diagnosis
