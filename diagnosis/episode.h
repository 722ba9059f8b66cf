// An incident together with what was measured in it.
#pragma once

#include <deque>

#include "diagnosis/breach.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

// `Measurement` has a `double share`.
template <typename Measurement>
struct Episode {
  Incident incident;
  store::Severity severity = store::Severity::kWarning;  // now while open, else the worst it was
  Measurement now;
  Measurement worst;  // where the share was largest

  // What a finding tells: an open one the present state, a closed one how bad it was.
  const Measurement& told() const { return incident.is_open ? now : worst; }
};

// The episodes of one condition of one entity, newest last. Old ones fall off.
template <typename Measurement>
class Episodes {
 public:
  static constexpr size_t kEpisodesMax = 8;

  // Takes note of a measurement and of what `breach` made of it.
  void Update(Breach::Change change, const Breach& breach, bool is_critical,
              const Measurement& measurement) {
    if (change == Breach::Change::kOpened) {
      episodes_.emplace_back();
      if (episodes_.size() > kEpisodesMax) episodes_.pop_front();
      was_critical_ = false;
    }
    if (change == Breach::Change::kNone && !breach.is_open()) return;
    if (episodes_.empty()) return;
    Episode<Measurement>& episode = episodes_.back();
    episode.incident = breach.incident();
    was_critical_ = was_critical_ || is_critical;
    const bool is_shown_critical = breach.is_open() ? is_critical : was_critical_;
    episode.severity = is_shown_critical ? store::Severity::kCritical : store::Severity::kWarning;
    episode.now = measurement;
    if (measurement.share >= episode.worst.share) episode.worst = measurement;
  }

  const std::deque<Episode<Measurement>>& all() const { return episodes_; }

 private:
  std::deque<Episode<Measurement>> episodes_;
  bool was_critical_ = false;
};

}  // namespace spirogram::diagnosis
