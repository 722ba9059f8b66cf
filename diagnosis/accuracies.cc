#include "diagnosis/accuracies.h"

#include <algorithm>

#include "diagnosis/median.h"

namespace spirogram::diagnosis {
namespace {

constexpr size_t kFirstPoints = 10;
// Both: of 1,000 classes 0.4 % is four times as good as chance, of two 53 % is hardly better.
constexpr double kRisen = 1.3;
constexpr double kRisenBy = 0.03;
constexpr double kAreaOfRanks = 0.6;

// Some log percents.
double ShareOf(double level) {
  return level > 1 ? level / 100 : level;
}

}  // namespace

void Accuracies::Add(const std::string& tag, double value) {
  Track& track = tracks_[tag];
  track.level.Add(value);
  if (track.first.size() < kFirstPoints) track.first.push_back(value);
}

void Accuracies::AddArea(const std::string& tag, double value) {
  areas_[tag] = value;
}

double Accuracies::Best() const {
  double best = 0;
  for (const auto& [tag, track] : tracks_) {
    if (track.level.is_judged()) best = std::max(best, ShareOf(track.level.level()));
  }
  return best;
}

bool Accuracies::HasRisen() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& entry) {
    const Track& track = entry.second;
    if (!track.level.is_judged()) return false;
    const double level = ShareOf(track.level.level());
    const double began = ShareOf(Median(track.first));
    return level > kRisen * began || level > began + kRisenBy;
  });
}

bool Accuracies::RanksBetterThanChance() const {
  return std::any_of(areas_.begin(), areas_.end(),
                     [](const auto& area) { return ShareOf(area.second) >= kAreaOfRanks; });
}

}  // namespace spirogram::diagnosis
