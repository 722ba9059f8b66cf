// A series for evidence charts that never grows beyond a bound, however long the run.
//
// When it is full, neighbouring points merge and the larger of the two stays: what a chart must not
// lose is the peak. The outcome depends on the points alone, not on how calls were split.
// Not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class History {
 public:
  static constexpr size_t kPointsMax = 512;

  // REQUIRES: `step` is not before the last one. A value that is not finite is left out.
  void Add(Step step, double value);

  bool empty() const { return step_.empty(); }
  const std::vector<Step>& step() const { return step_; }
  const std::vector<double>& value() const { return value_; }

  // Of the kept points; NaN when there is none.
  double Median() const;

  // The points as a chart. Points that a logarithmic axis cannot show are left out if `is_log`.
  store::EvidenceSeries ToEvidence(std::string label, std::string unit, bool is_log) const;

 private:
  void MergeNeighbours();

  std::vector<Step> step_;
  std::vector<double> value_;
  size_t points_per_slot_ = 1;
  size_t points_in_last_slot_ = 0;
};

}  // namespace spirogram::diagnosis
