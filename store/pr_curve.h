// Precision-recall curves as the store answers them.
#pragma once

#include <vector>

#include "base/types.h"

namespace spirogram::store {

// The curve of one step: columns of one length, one entry per threshold.
struct PrCurve {
  Step step = 0;
  WallTime wall_time = 0;
  std::vector<double> thresholds;  // i / (n - 1), as TensorBoard's writers place them
  std::vector<double> true_positives;
  std::vector<double> false_positives;
  std::vector<double> true_negatives;
  std::vector<double> false_negatives;
  std::vector<double> precision;
  std::vector<double> recall;
};

}  // namespace spirogram::store
