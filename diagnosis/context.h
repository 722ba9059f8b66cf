// What a detector may ask about the rest of the run when it explains a finding. Causes are worked
// out when a conclusion is asked for, never while windows are added, so the order in which tags
// arrive does not matter.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/scalar_track.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

// How fast the rows of an embedding table learn, for comparison with another table.
struct TableSpeed {
  std::string table;
  // Median over the frequently touched rows; NaN when there are none yet.
  double update_ratio =
      std::numeric_limits<double>::quiet_NaN();                // norm of update / norm, per update
  double gradient = std::numeric_limits<double>::quiet_NaN();  // L2 norm, per update
};

struct Context {
  using Tracks = std::map<std::string, ScalarTrack, std::less<>>;

  Tracks layer_update_ratios;  // by layer
  Tracks table_update_ratios;  // by table
  Tracks learning_rates;       // by parameter group; "" is the learning rate of the run

  // Filled in for a conclusion.
  std::vector<TableSpeed> table_speeds;
  std::vector<store::Finding> layer_findings;

  const ScalarTrack* LayerUpdateRatio(std::string_view layer) const {
    return Find(layer_update_ratios, layer);
  }
  const ScalarTrack* LearningRate(std::string_view group) const {
    return Find(learning_rates, group);
  }

 private:
  static const ScalarTrack* Find(const Tracks& tracks, std::string_view name) {
    const auto it = tracks.find(name);
    return it == tracks.end() ? nullptr : &it->second;
  }
};

}  // namespace spirogram::diagnosis
