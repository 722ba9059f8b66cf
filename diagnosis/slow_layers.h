// Rule "slow_layers": no layer of the run has ever changed at a pace at which it could learn. The
// learning rate is far too low, or the optimizer never gets to the weights.
//
// Reads "layers/LAYER/update_ratio". What decides is the largest value of the fastest layer, so
// that frozen layers, accumulated gradients and the end of a decay are no alarm, and not while it
// rises, as in a warm-up. docs/diagnosis.md has the conditions. One object per run. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "diagnosis/context.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class SlowLayers {
 public:
  // The next finite update ratio of a layer. REQUIRES: it comes after the last one of the layer.
  void Add(const std::string& layer, Step step, double ratio);

  // Appends the run's finding, if any, and the check.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  static constexpr Step kNever = std::numeric_limits<Step>::max();

  struct Track {
    int64_t points = 0;
    Step first_step = 0;
    Step enough_at = kNever;  // the step from which on it can be told
    double peak = 0;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  // REQUIRES: there is a layer.
  const Tracks::value_type& Fastest() const;
  store::Finding Report(const Context& context) const;

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
