// Gradients that vanish on their way back through the layers: those of some weights are thousands
// of times smaller than those of others. A cause for a loss that does not come down, and no fault
// of its own: many a healthy model has such weights. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace spirogram::diagnosis {

// By tag: the largest norm, or the largest magnitude in a histogram, that was logged of it.
using GradientSizes = std::map<std::string, double, std::less<>>;

struct FadedGradient {
  std::string smallest_tag;
  double smallest = 0;
  std::string largest_tag;
  double largest = 0;
};
// Of those that name weights: biases are of another size, and some get nothing by design. Nothing
// where they are alike.
std::optional<FadedGradient> FindFadedGradient(const GradientSizes& sizes);

}  // namespace spirogram::diagnosis
