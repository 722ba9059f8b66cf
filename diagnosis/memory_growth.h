// Rule "memory_growth": memory that grows in a straight line, step by step, and does not level off:
// something is kept at each step and never given back, and one day nothing is left.
//
// A form and not a height: every training takes much in its first steps, some fill a cache for an
// epoch, and then they stay where they are. docs/diagnosis.md has the conditions. One object per
// run. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"
#include "diagnosis/block_means.h"
#include "diagnosis/context.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class MemoryGrowth {
 public:
  static bool Watches(std::string_view tag);

  // The next finite point.
  void Add(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Step told_at = 0;  // the first step since which it has been told
    bool is_told = false;
    double latest = 0;
    BlockMeans blocks;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  // The end of a series through which it grew.
  struct Growth {
    Step since = 0;
    double from = 0;  // medians of the first and of the last part
    double to = 0;
    double steps = 0;  // from the middle of one to the middle of the other
    double times() const { return to / from; }
  };
  static std::optional<Growth> GrowthOf(const BlockMeans& blocks);
  static store::Finding Report(const std::string& tag, const Track& track, const Growth& growth);

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
