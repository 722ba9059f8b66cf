// Rule "input_wait": steps that spend much of their time waiting for data, from the two times that
// training loops log: "data_time" and, beside it, "time" or "batch_time", which holds it.
//
// A share, not a duration: what the device could do meanwhile is lost. docs/diagnosis.md has the
// conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/types.h"
#include "diagnosis/block_means.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class InputWait {
 public:
  // Either of the two times.
  static bool Watches(std::string_view tag);

  // The next finite point.
  void Add(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Step step = 0;  // of the last point
    std::deque<double> latest;
    BlockMeans blocks;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  // The time of whole steps that was logged beside the wait, or null.
  const Tracks::value_type* StepTimeOf(const Tracks::value_type& wait) const;

  store::Finding Report(const Tracks::value_type& wait, const Tracks::value_type& whole) const;

  Tracks waits_;
  Tracks step_times_;
};

}  // namespace spirogram::diagnosis
