#include "diagnosis/peer_rates.h"

#include <algorithm>

#include "diagnosis/median.h"

namespace spirogram::diagnosis {

void PeerRates::Sort() {
  constexpr size_t kGroupsMax = 10;
  constexpr size_t kGroupRowsMin = 10;
  groups_.clear();
  if (peers_.empty()) return;
  std::sort(peers_.begin(), peers_.end());
  const size_t groups = std::clamp(peers_.size() / kGroupRowsMin, size_t{1}, kGroupsMax);
  for (size_t g = 0; g < groups; ++g) {
    const size_t begin = peers_.size() * g / groups;
    const size_t end = peers_.size() * (g + 1) / groups;
    std::vector<double> ratios;
    for (size_t i = begin; i < end; ++i) ratios.push_back(peers_[i].second);
    groups_.push_back({peers_[end - 1].first, Median(std::move(ratios))});
  }
}

double PeerRates::MedianFor(double touches) const {
  for (const Group& group : groups_) {
    if (touches <= group.touches_max) return group.median;
  }
  return groups_.back().median;
}

}  // namespace spirogram::diagnosis
