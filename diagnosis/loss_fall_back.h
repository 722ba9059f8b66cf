// The part of the rule "loss_growth" that looks for a training loss that fell and is back on at
// least half of its way, for good: a classifier that collapsed answers by chance, and its loss is
// no higher than that of an untrained one; a language model that diverged from 3 to 7 began at 11.
// One object per loss. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>

#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "diagnosis/loss_level.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class LossFallBack {
 public:
  LossFallBack();

  // The next point, which `loss` has counted already.
  void Add(Step step, double value, const LossLevel& loss);

  bool is_open() const { return breach_.is_open(); }
  bool has_incident() const { return has_incident_; }

  // REQUIRES: has_incident().
  store::Finding Report(const std::string& tag, const History& history, const LossLevel& loss,
                        const Context& context) const;

 private:
  bool IsAboveAllBefore() const;
  // `share` of the way from the lowest level to the first value.
  double OnTheWay(double share, const LossLevel& loss) const;

  double lowest_ = std::numeric_limits<double>::infinity();  // of all levels
  Step step_ = 0;                                            // of the last point
  Step back_since_ = 0;  // each point has been on the way back since
  int64_t points_before_back_ = 0;
  std::deque<double> recent_;
  bool is_above_all_ = false;  // on the way back, they once were above all before
  Breach breach_;
  bool has_incident_ = false;
  int64_t points_before_rise_ = 0;  // of the last incident
  double highest_ = 0;              // level in it
};

}  // namespace spirogram::diagnosis
