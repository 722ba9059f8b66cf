// Rule "loss_growth": a training loss far above where it began, or back there after it had fallen
// far (loss_fall_back.h). Training diverged or collapsed, or its objective changed; a loss that no
// longer is a number is told by non_finite.h instead.
//
// A factor of ten against its own beginning, and not a slope or a spike: healthy losses rise for a
// while, in warm-ups and restarts, and come down again. One finding a run, about the loss that
// grew most. docs/diagnosis.md has the conditions. One object per run. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "diagnosis/loss_fall_back.h"
#include "diagnosis/loss_level.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class LossGrowth {
 public:
  // The next point of a training loss; NaN or infinite where it was not finite.
  void Add(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Step step = 0;  // of the last point
    double last = std::numeric_limits<double>::quiet_NaN();
    LossLevel loss;       // of the finite points
    double highest = 0;   // of its levels
    Step high_since = 0;  // it has been far above its first value since
    int64_t points_before_high = 0;
    Breach breach;
    bool has_incident = false;
    int64_t points_before_rise = 0;  // of the last incident
    LossFallBack fall_back;
    History history;

    Track();
    bool is_lost() const;  // the last point was not finite
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  // The judged loss of the largest rank, or null. Rank: std::optional<double>(const Track&), where
  // nothing passes the loss over.
  template <typename Rank>
  const Tracks::value_type* Largest(const Rank& rank) const;
  store::Check ExplainSilence() const;
  std::optional<store::Finding> Tell(const Tracks::value_type* grown,
                                     const Tracks::value_type* fallen_back,
                                     const Context& context) const;
  store::Finding Report(const std::string& tag, const Track& track, const Context& context) const;

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
