// Rule "non_finite": losses and gradient norms that are NaN or infinite. From there on training
// computes nothing, whatever else looks well: layers of NaN are neither dead nor stalled.
//
// A loss counts from its first such point on. A gradient norm counts from six in a row on: scaled
// gradients of half precision overflow now and then by design. One finding a run, about the tag
// that was first. docs/diagnosis.md has the sources. One object per run. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "diagnosis/history.h"
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class NonFinite {
 public:
  // Whether the tag is that of a loss or of a gradient norm, by whichever program.
  static bool Watches(std::string_view tag);

  // Row `i` of `rows`. REQUIRES: it comes after the last one of the tag.
  void Add(const std::string& tag, const store::ScalarRows& rows, size_t i);

  // Appends the run's finding, if any, and the check.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  static constexpr Step kNever = std::numeric_limits<Step>::min();

  // Points in a row that are not finite, up to the last one that was seen.
  struct Streak {
    Step since = 0;
    Step last = 0;
    int64_t points = 0;
    int64_t sure = 0;  // of these, known to follow each other: one of a row that holds others, too
  };

  struct Track {
    bool is_loss = false;
    Step step = kNever;  // of the last row
    Streak streak;
    Streak longest;    // of those that are over
    Step over_at = 0;  // the step that ended it
    Step last_finite_step = kNever;
    double first_finite = std::numeric_limits<double>::quiet_NaN();
    double last_finite = std::numeric_limits<double>::quiet_NaN();
    History history;  // of the finite values

    int64_t points_min() const { return is_loss ? 1 : 6; }
    // What came back before may come back again: programs log NaN where they have no value.
    int64_t needed() const { return std::max(points_min(), 2 * longest.sure + 1); }
    bool is_open() const { return streak.sure >= needed(); }
    bool is_over() const { return !is_open() && longest.sure >= points_min(); }
    bool was_finite() const { return last_finite_step != kNever; }
    // Grew to more than ten times its first value before it was lost.
    bool has_diverged() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  // A tag that never was finite is not the end of training where another loss is finite.
  bool IsFatal(const Track& track) const;
  store::Finding Report(const std::string& tag, const Track& track) const;
  store::Finding ReportOver(const std::string& tag, const Track& track) const;
  std::string DescribeOthers(const std::string& tag) const;

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
