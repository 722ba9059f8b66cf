// What a detector may ask about the rest of the run when it explains a finding. Causes are worked
// out when a conclusion is asked for, never while windows are added, so the order in which tags
// arrive does not matter.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/block_means.h"
#include "diagnosis/faded_gradient.h"
#include "diagnosis/scalar_track.h"

namespace spirogram::diagnosis {

// How fast the rows of an embedding table learn, for comparison with another table.
struct TableSpeed {
  std::string table;
  // Median over the frequently touched rows; NaN when there are none yet.
  double update_ratio =
      std::numeric_limits<double>::quiet_NaN();                // norm of update / norm, per update
  double update = std::numeric_limits<double>::quiet_NaN();    // L2 norm, per update
  double gradient = std::numeric_limits<double>::quiet_NaN();  // L2 norm, per update
};

// A layer that has lost at least half of its units, as a cause for what others suffer.
struct DeadLayer {
  std::string layer;
  Step since = 0;  // half of the units were dead
  Step blocked_since =
      std::numeric_limits<Step>::max();  // 90 % were; the maximum while they are not
  int64_t dead = 0;
  int64_t units = 0;

  bool is_blocked() const { return blocked_since != std::numeric_limits<Step>::max(); }
};

struct Context {
  using Tracks = std::map<std::string, ScalarTrack, std::less<>>;

  Tracks layer_update_ratios;   // by layer
  Tracks table_update_ratios;   // by table
  Tracks learning_rates;        // by parameter group; "" is the learning rate of the run
  Tracks other_learning_rates;  // by tag, as programs name theirs: "lr-AdamW/pg1"

  // The first tag, by name, that tells that the run has no one objective (IsOfMovingTarget).
  std::string moving_target;

  GradientSizes gradient_norms;
  std::map<std::string, BlockMeans, std::less<>> held_out_losses;

  // Filled in for a conclusion.
  std::vector<TableSpeed> table_speeds;
  std::vector<DeadLayer> dead_layers;
  GradientSizes gradient_magnitudes;  // by histograms

  const ScalarTrack* LayerUpdateRatio(std::string_view layer) const {
    return Find(layer_update_ratios, layer);
  }
  const ScalarTrack* LearningRate(std::string_view group) const {
    return Find(learning_rates, group);
  }
  // Whatever its name, where the run logs but one.
  const ScalarTrack* RunLearningRate() const {
    const ScalarTrack* rate = LearningRate("");
    if (rate != nullptr || other_learning_rates.size() != 1) return rate;
    return &other_learning_rates.begin()->second;
  }

 private:
  static const ScalarTrack* Find(const Tracks& tracks, std::string_view name) {
    const auto it = tracks.find(name);
    return it == tracks.end() ? nullptr : &it->second;
  }
};

}  // namespace spirogram::diagnosis
