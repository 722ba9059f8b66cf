#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

namespace spirogram::projector {

// The upper one of two; 0 of nothing.
template <typename Number>
double Median(std::vector<Number> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace spirogram::projector
