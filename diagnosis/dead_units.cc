#include "diagnosis/dead_units.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "base/str.h"
#include "diagnosis/dead_units_report.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

constexpr int kDeadWindows = 5;
constexpr double kDeadSamples = 5'120;
constexpr double kShareToWarn = 0.35;
constexpr double kShareToWarnSmall = 0.40;  // of layers with fewer units than kSmallLayer
constexpr int64_t kSmallLayer = 32;
constexpr double kGrowthToWarn = 0.15;
constexpr double kShareCritical = 0.90;
constexpr double kShareOfCause = 0.50;
constexpr double kCloseMargin = 0.10;
constexpr double kBornDeadShare = 0.05;
constexpr double kRevivedShare = 0.20;
constexpr int kForgetRevivalWindows = 4 * kDeadWindows;
constexpr double kDormantRatio = 0.025;  // tau of the tau-dormant ratio
constexpr int64_t kUnitsMax = int64_t{1} << 20;
constexpr double kRounding = 1e-9;  // 0.2 + 0.15 must not exceed 0.35

enum class Method { kDead, kDormant, kNone };

Method MethodFor(std::string_view activation) {
  // Without a declaration the exact rule is safe: only an activation that is exactly zero on one
  // side gives exact zeros for thousands of samples.
  for (std::string_view name : {"", "relu", "relu6", "threshold", "hardtanh"}) {
    if (activation == name) return Method::kDead;
  }
  for (std::string_view name : {"gelu", "silu", "swish", "mish", "leaky_relu", "prelu", "elu",
                                "selu", "tanh", "softplus", "hardswish"}) {
    if (activation == name) return Method::kDormant;
  }
  return Method::kNone;
}

}  // namespace

void DeadUnits::Add(const store::EntityStats& window) {
  refusal_ = Refuse(window);
  if (!refusal_.empty()) {
    if (IsDeclared(window, "frozen") || IsDeclared(window, "pruned")) {
      const Breach::Change change = breach_.Abandon(window.step);
      episodes_.Update(change, breach_, is_critical_, tally_);
    }
    return;
  }
  const bool is_dormant = MethodFor(Attribute(window, "activation")) == Method::kDormant;
  const UnitFault fault = is_dormant ? UnitFault::kDormant : UnitFault::kDead;
  const bool is_first = units_.empty();
  const bool has_changed =
      static_cast<int64_t>(units_.size()) != window.entities || fault != fault_;
  if (is_first || has_changed) Restart(window.step, window.entities, fault);
  if (windows_ == 0) first_step_ = std::min(window.first_step, window.step);
  ++windows_;
  samples_ += window.samples;
  has_gradient_ = !Column(window, "abs_gradient").empty();
  CountSilence(window);
  Judge(window);
}

std::string DeadUnits::Refuse(const store::EntityStats& window) {
  if (window.entity != store::EntityStats::Entity::kUnit) {
    return "the statistics are of rows, not of units";
  }
  if (IsDeclared(window, "frozen")) return "declared frozen";
  if (IsDeclared(window, "pruned")) return "declared pruned";
  const std::string_view activation = Attribute(window, "activation");
  const Method method = MethodFor(activation);
  if (method == Method::kNone) {
    return StrCat("units with the activation ", ToValidUtf8(activation.substr(0, 40)),
                  " neither die nor fall dormant in a way that these statistics show");
  }
  if (window.entities <= 0) return "the statistics name no units";
  if (window.entities > kUnitsMax) {
    return StrCat(Counted(window.entities, "unit"), ", at most ", Thousands(kUnitsMax),
                  " are followed");
  }
  if (!std::isfinite(window.samples) || window.samples <= 0) {
    return "the statistics do not say how many samples they cover";
  }
  const std::string_view column = method == Method::kDormant ? "abs_activation" : "active_count";
  if (Column(window, column).empty()) {
    return StrCat("the statistics lack a whole column ", column);
  }
  return "";
}

void DeadUnits::Restart(Step step, int64_t units, UnitFault fault) {
  const Breach::Change change = breach_.Abandon(step);
  episodes_.Update(change, breach_, is_critical_, tally_);
  units_.assign(static_cast<size_t>(units), Unit());
  fault_ = fault;
  windows_ = 0;
  samples_ = 0;
  baseline_ = -1;
  born_dead_ = 0;
  is_critical_ = false;
  tally_ = UnitTally();
}

void DeadUnits::CountSilence(const store::EntityStats& window) {
  const auto gradient = Column(window, "abs_gradient");
  const bool is_dormant = fault_ == UnitFault::kDormant;
  const auto activity = Column(window, is_dormant ? "abs_activation" : "active_count");
  double level = 0;  // at most this is silence
  if (is_dormant) {
    double sum = 0;
    int64_t known = 0;
    for (size_t i = 0; i < activity.size(); ++i) {
      const float value = ValueAt(activity, i);
      if (value == kUnknown) continue;
      sum += value;
      ++known;
    }
    if (known > 0) level = kDormantRatio * sum / static_cast<double>(known);
  }
  int64_t silent = 0;
  unknown_ = 0;
  for (size_t i = 0; i < units_.size(); ++i) {
    const float value = ValueAt(activity, i);
    const bool is_gradient_known = gradient.empty() || ValueAt(gradient, i) != kUnknown;
    if (value == kUnknown || !is_gradient_known) {  // neither proves life nor death
      ++unknown_;
      continue;
    }
    const bool has_no_gradient = is_dormant || gradient.empty() || gradient[i] == 0;
    const bool is_silent = value <= level && has_no_gradient;
    silent += is_silent ? 1 : 0;
    Follow(&units_[i], is_silent, window);
  }
  silent_share_.Add(window.step, static_cast<double>(silent) / static_cast<double>(units_.size()));
}

void DeadUnits::Follow(Unit* unit, bool is_silent, const store::EntityStats& window) const {
  if (!is_silent) {
    if (unit->was_dead) unit->is_revived = true;
    unit->is_born_dead = false;
    unit->silent_windows = 0;
    unit->silent_samples = 0;
    return;
  }
  if (unit->silent_windows == 0) unit->silent_since = std::min(window.first_step, window.step);
  if (unit->silent_windows < std::numeric_limits<int32_t>::max()) ++unit->silent_windows;
  unit->silent_samples += window.samples;
  if (IsDead(*unit)) unit->was_dead = true;
  // Death that outlasts a revival by far is death again.
  if (unit->silent_windows >= kForgetRevivalWindows) unit->is_revived = false;
}

bool DeadUnits::IsDead(const Unit& unit) const {
  return unit.silent_windows >= kDeadWindows && unit.silent_samples >= kDeadSamples;
}

UnitTally DeadUnits::Tally(const store::EntityStats& window) const {
  UnitTally tally;
  tally.fault = fault_;
  tally.has_gradient = has_gradient_;
  tally.first_step = std::min(window.first_step, window.step);
  tally.step = window.step;
  tally.units = window.entities;
  tally.samples = std::numeric_limits<double>::infinity();
  tally.first_death = std::numeric_limits<Step>::max();
  tally.last_death = std::numeric_limits<Step>::min();
  std::vector<int64_t> died;
  for (size_t i = 0; i < units_.size(); ++i) {
    const Unit& unit = units_[i];
    tally.ever_dead += unit.was_dead ? 1 : 0;
    tally.revived += unit.is_revived ? 1 : 0;
    if (!IsDead(unit)) continue;
    ++tally.dead;
    tally.samples = std::min(tally.samples, unit.silent_samples);
    if (unit.is_born_dead) {
      ++tally.born;
      if (tally.born_ids.size() < kIdsMax) tally.born_ids.push_back(static_cast<int64_t>(i));
      continue;
    }
    died.push_back(static_cast<int64_t>(i));
    tally.first_death = std::min(tally.first_death, unit.silent_since);
    tally.last_death = std::max(tally.last_death, unit.silent_since);
  }
  std::stable_sort(died.begin(), died.end(), [this](int64_t a, int64_t b) {
    return units_[static_cast<size_t>(a)].silent_since <
           units_[static_cast<size_t>(b)].silent_since;
  });
  if (died.size() > kIdsMax) died.resize(kIdsMax);
  tally.died_ids = std::move(died);
  tally.share = static_cast<double>(tally.dead) / static_cast<double>(units_.size());
  return tally;
}

void DeadUnits::Judge(const store::EntityStats& window) {
  if (windows_ < kDeadWindows || samples_ < kDeadSamples) return;
  if (!IsBaselineKnown()) {
    for (Unit& unit : units_) {
      unit.is_born_dead = IsDead(unit);
      born_dead_ += unit.is_born_dead ? 1 : 0;
    }
    baseline_ = static_cast<double>(born_dead_) / static_cast<double>(units_.size());
    baseline_step_ = window.step;
  }
  tally_ = Tally(window);
  const double units = static_cast<double>(units_.size());
  const double floor = tally_.units < kSmallLayer ? kShareToWarnSmall : kShareToWarn;
  tally_.baseline = baseline_;
  tally_.threshold = std::max(floor, baseline_ + kGrowthToWarn);
  // A dormant unit still learns, so a layer of dormant units is slow but not blocked.
  if (fault_ == UnitFault::kDead) tally_.threshold = std::min(tally_.threshold, kShareCritical);
  dead_share_.Add(window.step, tally_.share);

  Observation observation;
  observation.first_step = tally_.first_step;
  observation.step = window.step;
  observation.is_breached = tally_.share >= tally_.threshold - kRounding;
  observation.is_clear = tally_.share < tally_.threshold - kCloseMargin;
  if (observation.is_breached) {
    // The breach began when the unit that filled the measure fell silent.
    observation.onset =
        SilentSince(static_cast<size_t>(std::ceil(tally_.threshold * units - kRounding)));
  }
  if (fault_ == UnitFault::kDead) {
    const double bound = is_critical_ ? kShareCritical - kCloseMargin : kShareCritical;
    is_critical_ = tally_.share >= bound - kRounding;
  }
  episodes_.Update(breach_.Observe(observation), breach_, is_critical_, tally_);
}

Step DeadUnits::SilentSince(size_t count) const {
  std::vector<Step> deaths;
  for (const Unit& unit : units_) {
    if (IsDead(unit)) deaths.push_back(unit.silent_since);
  }
  const size_t kth = std::min(std::max(count, size_t{1}), deaths.size()) - 1;
  std::nth_element(deaths.begin(), deaths.begin() + static_cast<std::ptrdiff_t>(kth), deaths.end());
  return deaths[kth];
}

std::optional<DeadLayer> DeadUnits::AsCause() const {
  if (fault_ != UnitFault::kDead || !IsBaselineKnown() || !refusal_.empty()) return std::nullopt;
  const auto count_of = [this](double share) {
    return static_cast<size_t>(std::ceil(share * static_cast<double>(units_.size()) - kRounding));
  };
  const auto dead = static_cast<size_t>(tally_.dead);
  if (dead == 0 || dead < count_of(kShareOfCause)) return std::nullopt;
  DeadLayer layer{.layer = layer_, .since = SilentSince(count_of(kShareOfCause))};
  layer.dead = tally_.dead;
  layer.units = tally_.units;
  const size_t blocked = count_of(kShareCritical);
  if (dead >= blocked) layer.blocked_since = SilentSince(blocked);
  return layer;
}

void DeadUnits::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  bool has_open_finding = false;
  for (const auto& episode : episodes_.all()) {
    const UnitTally& told = episode.told();
    store::Severity severity = episode.severity;
    const bool is_intermittent =
        told.ever_dead > 0 && static_cast<double>(told.revived) >=
                                  kRevivedShare * static_cast<double>(told.ever_dead) - kRounding;
    if (is_intermittent && severity == store::Severity::kWarning) severity = store::Severity::kInfo;
    const UnitReport report{layer_, told, dead_share_, silent_share_, context};
    diagnosis->findings.push_back(ReportDying(report, episode.incident, severity));
    has_open_finding = has_open_finding || episode.incident.is_open;
  }
  if (fault_ == UnitFault::kDead && IsBaselineKnown() && !breach_.is_open() && refusal_.empty()) {
    const double still_born = static_cast<double>(tally_.born) / static_cast<double>(units_.size());
    if (still_born >= kBornDeadShare - kRounding) {
      const UnitReport report{layer_, tally_, dead_share_, silent_share_, context};
      diagnosis->findings.push_back(ReportBornDead(report, first_step_, baseline_step_));
    }
  }
  diagnosis->checks.push_back(MakeCheck(has_open_finding));
}

store::Check DeadUnits::MakeCheck(bool has_open_finding) const {
  store::Check check{"dead_units", layer_, store::Check::State::kOk, ""};
  if (!refusal_.empty()) {
    check.state = store::Check::State::kNotChecked;
    check.reason = refusal_;
  } else if (!IsBaselineKnown()) {
    check.state = store::Check::State::kWarming;
    check.reason = windows_ < kDeadWindows
                       ? StrCat(windows_, " of ", kDeadWindows, " windows")
                       : StrCat(Thousands(std::llround(std::min(samples_, kDeadSamples))), " of ",
                                Thousands(static_cast<int64_t>(kDeadSamples)), " samples");
  } else if (2 * unknown_ > std::ssize(units_) && !has_open_finding) {
    check.state = store::Check::State::kNotChecked;
    check.reason = StrCat("the statistics of ", Thousands(unknown_), " of ",
                          Counted(tally_.units, "unit"), " are NaN or Inf");
  } else {
    if (has_open_finding) check.state = store::Check::State::kFired;
    check.reason = StrCat(Thousands(tally_.dead), " of ", Counted(tally_.units, "unit"), " ",
                          IsAre(tally_.dead), " ", UnitFaultName(fault_));
    if (tally_.born > 0) {
      check.reason += StrCat(", ", Thousands(tally_.born), " of them from the start");
    }
  }
  return check;
}

}  // namespace spirogram::diagnosis
