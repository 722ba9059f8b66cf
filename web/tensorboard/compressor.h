// A histogram as quantiles: what a distribution chart draws of it. Pure.
#pragma once

#include <array>

#include "store/answers.h"

namespace spirogram::web::tensorboard {

// Hundredths of a percent of a normal distribution at -inf, -1.5, -1, ..., 1.5, inf standard
// deviations: bands of 1, 2 and 3 deviations around the median.
inline constexpr std::array<int, 9> kBasisPoints = {0,    668,  1587, 3085, 5000,
                                                    6915, 8413, 9332, 10000};

// The value below which that share of the histogram's weight lies, linear within a bucket. Zeros
// for a histogram without buckets, NaN for one that has a count of NaN.
std::array<double, kBasisPoints.size()> Compress(const store::Histogram& histogram);

}  // namespace spirogram::web::tensorboard
