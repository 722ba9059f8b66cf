// Rule "slow_descent": a loss of held-out data that comes down in a straight line and hardly
// anywhere: the weights move in the right direction, by next to nothing.
//
// A loss that is learned bends: what is easy goes first. Only where weights have hardly moved is it
// straight, and measured on the same data each time, it shows that to many digits where the loss of
// training batches scatters. docs/diagnosis.md has the conditions. One object per run. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/types.h"
#include "diagnosis/block_means.h"
#include "diagnosis/context.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class SlowDescent {
 public:
  // The next finite point of a loss of held-out data.
  void AddHeldOut(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check. `diagnosis` holds what was told before:
  // silent where a training loss is flat.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    double latest = 0;
    bool always_falls = true;  // each point below the one before
    Step first_step = 0;
    Step second_step = 0;
    Step step = 0;
    Step told_at = 0;  // with enough points
    BlockMeans blocks;

    double first() const { return blocks.mean().front(); }
    double half() const { return blocks.mean()[blocks.mean().size() / 2]; }
    double fall() const { return 1 - latest / first(); }
    bool IsEnough(const std::string& tag) const;
    bool IsStraight() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  static store::Finding Report(const Tracks::value_type& straight);

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
