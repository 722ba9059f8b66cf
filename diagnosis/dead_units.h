// Rule "dead_units": units of a layer that answer nothing to any input, and get no gradient that
// could bring them back.
//
// A unit is dead when it was silent, with exactly zero incoming gradient, in 5 windows in a row
// that cover at least 5,120 samples. Layers whose activation is never exactly zero (GELU, SiLU,
// tanh, ...) are checked for dormant units instead: a mean magnitude at most 1/40 of the layer's
// mean. The thresholds and their sources are in docs/diagnosis.md. One object per layer. Not
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/episode.h"
#include "diagnosis/history.h"
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

enum class UnitFault { kDead, kDormant };

// The state of a layer as of one window.
struct UnitTally {
  UnitFault fault = UnitFault::kDead;
  bool has_gradient = false;  // the windows carry abs_gradient
  Step first_step = 0;
  Step step = 0;
  int64_t units = 0;
  int64_t dead = 0;  // or dormant
  int64_t born = 0;  // of these, since the first window
  int64_t ever_dead = 0;
  int64_t revived = 0;  // of these, fired again later
  double share = 0;
  double baseline = 0;   // share when it could first be told
  double threshold = 0;  // share that opens a finding
  double samples = 0;    // that the dead units saw in silence, at least
  Step first_death = 0;  // earliest and latest first silent step of the units that died
  Step last_death = 0;
  std::vector<int64_t> died_ids;  // at most kIdsMax each, earliest first
  std::vector<int64_t> born_ids;

  int64_t died() const { return dead - born; }
};

class DeadUnits {
 public:
  static constexpr size_t kIdsMax = 50;

  explicit DeadUnits(std::string layer) : layer_(std::move(layer)) {}

  // REQUIRES: the window comes after the last one.
  void Add(const store::EntityStats& window);

  // Appends the layer's findings and its check.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

  // The layer as a cause for what others suffer, while at least half of its units are dead.
  std::optional<DeadLayer> AsCause() const;

 private:
  struct Unit {
    Step silent_since = 0;
    double silent_samples = 0;
    int32_t silent_windows = 0;
    bool is_born_dead = false;
    bool was_dead = false;
    bool is_revived = false;
  };

  // The reason why the window cannot be judged, or "".
  std::string Refuse(const store::EntityStats& window);
  void Restart(Step step, int64_t units, UnitFault fault);
  void CountSilence(const store::EntityStats& window);
  void Follow(Unit* unit, bool is_silent, const store::EntityStats& window) const;
  UnitTally Tally(const store::EntityStats& window) const;
  void Judge(const store::EntityStats& window);
  bool IsDead(const Unit& unit) const;
  // The step from which on at least `count` of the units that are dead now were silent.
  // REQUIRES: at least one unit is dead.
  Step SilentSince(size_t count) const;
  bool IsBaselineKnown() const { return baseline_ >= 0; }
  store::Check MakeCheck(bool has_open_finding) const;

  std::string layer_;
  std::string refusal_;  // why the latest window was not judged
  UnitFault fault_ = UnitFault::kDead;
  bool has_gradient_ = false;
  std::vector<Unit> units_;
  int64_t unknown_ = 0;  // units of the latest window whose numbers are not finite
  int64_t windows_ = 0;  // since the (re)start
  double samples_ = 0;
  double baseline_ = -1;
  Step baseline_step_ = 0;
  Step first_step_ = 0;
  int64_t born_dead_ = 0;  // at the baseline
  bool is_critical_ = false;
  UnitTally tally_;
  Breach breach_{BreachPolicy()};
  Episodes<UnitTally> episodes_;
  History dead_share_;
  History silent_share_;
};

}  // namespace spirogram::diagnosis
