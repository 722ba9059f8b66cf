// Rule "slow_steps": a training whose steps take far longer than they did, and go on so, from the
// time of a step that training loops log, or from how many steps, samples or tokens pass a second.
//
// Against its own past: what a step may take, nobody knows. Medians, since a pause for a checkpoint
// or an evaluation is none of it. docs/diagnosis.md has the conditions. One object per run. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "base/types.h"
#include "diagnosis/block_means.h"
#include "diagnosis/context.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class SlowSteps {
 public:
  static bool Watches(std::string_view tag);

  // The next finite point: a time, or how many there are in one.
  void Add(const std::string& tag, Step step, WallTime wall_time, double value);

  // Appends the run's finding, if any, and the check. `diagnosis` holds what was told before:
  // silent where steps wait for data.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    bool is_rate = false;
    int64_t points = 0;
    int64_t falls = 0;  // points below the one before: times that add up have none
    double previous = std::numeric_limits<double>::infinity();
    std::deque<double> latest;  // times, at a rate of r each 1 / r
    std::deque<Step> latest_steps;
    double level = std::numeric_limits<double>::quiet_NaN();  // their median
    double best = std::numeric_limits<double>::infinity();    // of the levels
    int64_t slow_points = 0;                                  // at the end, of a slow level
    Step slow_since = 0;
    WallTime slow_since_time = 0;
    WallTime latest_time = 0;
    Step told_at = 0;
    BlockMeans blocks;  // as logged

    bool IsJudged() const;
    bool IsSlow() const;
    bool IsLasting() const;
    bool IsBeyondScatter(double usual) const;
    double Usual() const;  // before it was slow
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  static store::Finding Report(const Tracks::value_type& slow);

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
