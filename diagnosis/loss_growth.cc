#include "diagnosis/loss_growth.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/str.h"
#include "diagnosis/loss_rise.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr double kGrown = 10;  // times the first value
constexpr double kGrownFar = 1000;
constexpr double kExploded = 1e6;
// Back where it began: a loss that settles above that has learned nothing.
constexpr double kBackTo = 1;
constexpr double kHigh = 3;  // times the first value: each recent point

// Five breached points in a row: the level itself is a median of ten or more.
constexpr BreachPolicy kPolicy{.breaches = 5, .of_windows = 5};

// Whether the points lie where the first value does not.
bool HasGrown(const LossLevel& loss) {
  if (loss.factor() < kGrown) return false;
  const auto& latest = loss.latest();
  const double lowest = *std::min_element(latest.begin(), latest.end());
  return lowest >= kExploded * loss.first() || loss.IsFarAbove(loss.first());
}

}  // namespace

LossGrowth::Track::Track() : breach(kPolicy) {}

bool LossGrowth::Track::is_lost() const {
  return loss.points() > 0 && !std::isfinite(last);
}

void LossGrowth::Add(const std::string& tag, Step step, double value) {
  Track& track = tracks_[tag];
  track.step = step;
  track.last = value;
  if (!std::isfinite(value)) return;
  track.history.Add(step, value);
  track.loss.Add(value);
  if (!(value > kHigh * track.loss.first())) {
    track.points_before_high = track.loss.points();
  } else if (track.loss.points() == track.points_before_high + 1) {
    track.high_since = step;
  }
  track.fall_back.Add(step, value, track.loss);
  if (!track.loss.is_judged()) return;
  track.highest = std::max(track.highest, track.loss.level());
  const int64_t high = track.loss.points() - track.points_before_high;
  Observation now{.first_step = step, .step = step, .onset = track.high_since};
  now.is_breached = high >= std::ssize(track.loss.latest()) && HasGrown(track.loss);
  now.is_clear = track.loss.factor() < kBackTo;
  if (track.breach.Observe(now) != Breach::Change::kOpened) return;
  track.has_incident = true;
  track.points_before_rise = track.points_before_high;
}

Finding LossGrowth::Report(const std::string& tag, const Track& track,
                           const Context& context) const {
  const Incident& incident = track.breach.incident();
  const double factor = incident.is_open ? track.loss.factor() : track.highest / track.loss.first();
  Finding finding;
  finding.rule = "loss_growth";
  finding.entity = ToValidUtf8(tag);
  finding.severity = !incident.is_open     ? Severity::kInfo
                     : factor >= kGrownFar ? Severity::kCritical
                                           : Severity::kWarning;
  finding.is_open = incident.is_open;
  finding.onset_step = incident.onset;
  finding.detected_step = incident.detected;
  finding.closed_step = incident.is_open ? 0 : incident.closed;
  finding.value = factor;
  finding.threshold = kGrown;
  const std::string times = StrCat(Number(factor), " times");
  finding.title = incident.is_open
                      ? StrCat(Excerpt(tag), " is ", times, " what it began with")
                      : StrCat(Excerpt(tag), " was ", times, " what it began with for a while");
  finding.summary =
      incident.is_open
          ? StrCat("Its level is ", Number(track.loss.level()), " as of step ",
                   Thousands(track.step), "; its first value was ", Number(track.loss.first()),
                   " and its highest level ", Number(track.highest), ". The alarm is at ",
                   Number(kGrown), " times the first, and over when it is back there.")
          : StrCat("Its level was up to ", Number(track.highest), "; its first value was ",
                   Number(track.loss.first()), ". It rose at step ", Thousands(incident.onset),
                   " and was back by step ", Thousands(incident.closed), ".");
  LossExplanation explanation = ExplainRise(context, incident.onset, track.points_before_rise);
  finding.cause = std::move(explanation.cause);
  finding.advice = std::move(explanation.advice);
  finding.evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kGrown * track.loss.first();
  return finding;
}

// Of a run of which no loss can be judged.
Check LossGrowth::ExplainSilence() const {
  Check check{"loss_growth", "", Check::State::kNotChecked, ""};
  if (tracks_.empty()) {
    check.reason = "no training loss is logged: a tag such as loss, train/loss or total_loss";
    return check;
  }
  const auto& [tag, track] = *tracks_.begin();
  if (track.is_lost()) {
    check.reason = StrCat(Excerpt(tag), " is NaN or Inf: see non_finite");
  } else if (track.loss.points() < LossLevel::kPointsMin) {
    check.state = Check::State::kWarming;
    check.reason = StrCat(Excerpt(tag), " has ", track.loss.points(), " of ", LossLevel::kPointsMin,
                          " points");
  } else {
    check.reason = StrCat(Excerpt(tag), " was never above 0");
  }
  return check;
}

template <typename Rank>
const LossGrowth::Tracks::value_type* LossGrowth::Largest(const Rank& rank) const {
  const Tracks::value_type* largest = nullptr;
  for (const auto& entry : tracks_) {
    const Track& track = entry.second;
    if (!track.loss.is_judged() || track.is_lost() || !rank(track)) continue;
    if (largest == nullptr || *rank(track) > *rank(largest->second)) largest = &entry;
  }
  return largest;
}

// The one finding of the run: what is open goes before what is over, growth before a fall back.
std::optional<Finding> LossGrowth::Tell(const Tracks::value_type* grown,
                                        const Tracks::value_type* fallen_back,
                                        const Context& context) const {
  if (grown == nullptr && fallen_back == nullptr) {
    grown = Largest([](const Track& track) {
      return track.has_incident ? std::optional(track.highest) : std::nullopt;
    });
    fallen_back = Largest([](const Track& track) {
      return track.fall_back.has_incident() ? std::optional(track.highest) : std::nullopt;
    });
  }
  if (grown != nullptr) return Report(grown->first, grown->second, context);
  if (fallen_back == nullptr) return std::nullopt;
  const auto& [tag, track] = *fallen_back;
  return track.fall_back.Report(tag, track.history, track.loss, context);
}

void LossGrowth::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto* judged =
      Largest([](const Track& track) { return std::optional(track.loss.factor()); });
  if (!context.moving_target.empty()) {
    diagnosis->checks.push_back({"loss_growth", "", Check::State::kNotChecked,
                                 StrCat("the run logs ", Excerpt(context.moving_target),
                                        ": where what is learned moves, a loss may grow")});
    return;
  }
  if (judged == nullptr) {
    diagnosis->checks.push_back(ExplainSilence());
    return;
  }
  const auto* grown = Largest([](const Track& track) {
    return track.breach.is_open() ? std::optional(track.loss.factor()) : std::nullopt;
  });
  const auto* fallen_back = Largest([](const Track& track) {
    return track.fall_back.is_open() ? std::optional(track.loss.factor()) : std::nullopt;
  });
  const auto* told = grown != nullptr ? grown : fallen_back;
  if (auto finding = Tell(grown, fallen_back, context)) {
    diagnosis->findings.push_back(std::move(*finding));
  }
  const auto& [tag, track] = told != nullptr ? *told : *judged;
  const std::string level =
      track.loss.level() > 0
          ? StrCat(Number(track.loss.factor()), " times what it began with")
          : StrCat("at ", Number(track.loss.level()), ", below what it began with");
  diagnosis->checks.push_back({"loss_growth", "",
                               told != nullptr ? Check::State::kFired : Check::State::kOk,
                               StrCat(Excerpt(tag), " is ", level)});
}

}  // namespace spirogram::diagnosis
