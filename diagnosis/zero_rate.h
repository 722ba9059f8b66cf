// Rule "zero_rate": a learning rate that has become 0, or a millionth of what it was, while the
// training goes on: its schedule was made for fewer steps than it takes.
//
// A fact that lasts: a schedule that ends at 0 is there for a moment, with the training.
// docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/types.h"
#include "diagnosis/block_means.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class ZeroRate {
 public:
  static bool Watches(std::string_view tag);

  // The next finite row: the mean and the largest of its points.
  void Add(const std::string& tag, Step step, double mean, double max);

  // Appends the run's finding, if any, and the check.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Step first = 0;  // of all its points
    Step last = 0;
    int64_t positive_points = 0;
    Step zero_from = 0;         // of the points of 0 at its end
    int64_t zero_points = 0;    // how many they are
    double highest_at_end = 0;  // of them: next to 0
    Step spent_from = 0;        // the first of them at which IsSpent
    double highest = 0;
    double latest = 0;
    BlockMeans blocks;

    double ZeroShare() const;  // of its steps
    bool IsSpent() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  static store::Finding Report(const Tracks::value_type& spent);

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
