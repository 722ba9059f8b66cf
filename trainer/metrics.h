// Measures of a model's answers.
#pragma once

#include <span>

namespace spirogram::trainer {

// The probability that a random positive (label 1) scores above a random negative (label 0); ties
// count half. NaN where one of the two is missing or a score is NaN. O(n log n).
double AreaUnderRoc(std::span<const float> scores, std::span<const float> labels);

}  // namespace spirogram::trainer
