// Rule "loss_spike": a training loss that jumped far beyond its scatter and came back. A fact and
// no alarm, since the training goes on: a bad batch, or a learning rate at the edge of what the
// model bears. One that does not come back is told by loss_growth.h.
//
// docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/types.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class LossSpike {
 public:
  // The next finite point of a training loss.
  void Add(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check. `diagnosis` holds what was told before:
  // silent where a loss has risen for good.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Spike {
    Step step = 0;
    Step back = 0;  // the first point that was as before
    double usual = 0;
    double value = 0;  // the highest
    int64_t points = 0;
    int64_t points_back = 0;  // in a row
    double times() const { return value / usual; }
  };
  struct Track {
    std::deque<double> recent;  // points that are no spike
    std::optional<Spike> now;
    std::optional<Spike> largest;  // of those that came back
    int64_t spikes = 0;
    Step told_at = 0;  // the first came back
    History history;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  static std::optional<Spike> Begins(const Track& track, Step step, double value);
  static store::Finding Report(const Tracks::value_type& spiky);

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
