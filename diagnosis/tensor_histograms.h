// What a histogram of a tensor proves without a threshold. Pure functions.
#pragma once

#include "store/answers.h"

namespace spirogram::diagnosis {

// Whether each value of the tensor is exactly 0.
bool IsZero(const store::Histogram& histogram);

// To the last bit: the outermost edges are the smallest and the largest value.
bool IsSame(const store::Histogram& a, const store::Histogram& b);

}  // namespace spirogram::diagnosis
