// Makes windows of unit statistics with a known truth.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/answers.h"

namespace spirogram::testing {

// A layer of `units` whose windows cover 10 steps and 1,280 samples each: window w has the steps
// 10 w to 10 w + 9.
struct LayerWindows {
  int units = 64;
  std::string activation = "relu";
  double samples = 1'280;
  // Samples for which unit u answers in window w.
  std::function<float(int unit, int window)> active = [](int, int) { return 500.0f; };

  store::EntityStats Make(int window) const {
    store::EntityStats stats;
    stats.first_step = 10 * window;
    stats.step = 10 * window + 9;
    stats.entity = store::EntityStats::Entity::kUnit;
    stats.entities = units;
    stats.samples = samples;
    stats.columns = {"active_count", "abs_activation", "abs_gradient"};
    stats.values.resize(3);
    for (int u = 0; u < units; ++u) {
      const float count = active(u, window);
      stats.values[0].push_back(count);
      stats.values[1].push_back(count * 0.7f);
      stats.values[2].push_back(count * 0.01f);
    }
    if (!activation.empty()) stats.attributes = {{"activation", activation}};
    return stats;
  }
};

// `share` of the units fall silent for good from window `window` on.
inline std::function<float(int, int)> DieAt(int window, int units_dead) {
  return [=](int unit, int w) { return unit < units_dead && w >= window ? 0.0f : 500.0f; };
}

// A scalar with one point per step.
inline store::ScalarRows Points(Step first, const std::vector<double>& values, Step stride = 1) {
  store::ScalarRows rows;
  for (size_t i = 0; i < values.size(); ++i) {
    rows.step.push_back(first + static_cast<Step>(i) * stride);
    rows.wall_time.push_back(0);
    rows.mean.push_back(values[i]);
    rows.min.push_back(values[i]);
    rows.max.push_back(values[i]);
    rows.count.push_back(1);
    rows.nonfinite.push_back(0);
  }
  rows.points = static_cast<int64_t>(values.size());
  return rows;
}

}  // namespace spirogram::testing
