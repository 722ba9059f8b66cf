// Slices of a profile summed up for the page: how long each phase of each step took, and which
// kernels took the GPU's time. Pure functions over the store's columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::web {

struct StepSummary {
  std::vector<std::string> phases;  // in the order of a step; unknown ones behind, as they appear
  int64_t steps = 0;                // steps with at least one phase
  std::vector<Step> step;           // of each row: the last of the steps that it stands for
  std::vector<std::vector<double>> milliseconds;  // [phase][row], mean over the row's steps
};

StepSummary SummarizeSteps(const store::PhaseTimes& times);

struct KernelSummary {
  std::string name;
  store::ProfileSlices::Kind kind = store::ProfileSlices::Kind::kKernel;
  int64_t count = 0;
  double total_ms = 0;
  double max_ms = 0;
  double share = 0;  // of the time of all slices of the GPU
};

// The `count_max` largest by total time, then by name.
std::vector<KernelSummary> SummarizeKernels(const std::vector<store::KernelTotal>& totals,
                                            size_t count_max);

}  // namespace spirogram::web
