#include "diagnosis/loss_growth.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr double kGrown = 10;  // times the first value
constexpr double kGrownFar = 1000;
constexpr double kExploded = 1e6;
constexpr double kBackTo = 5;
constexpr double kHigh = 3;  // times the first value: each recent point
// Losses of single samples scatter over orders of magnitude, and the first of them may be small by
// chance. So unless each recent point is far above it, they must be close together: none is below a
// third of the level, and the growth is four times their spread, in logarithms.
constexpr double kNear = 3;
constexpr double kSpreads = 4;
constexpr double kMadToSigma = 1.4826;  // of a normal distribution
constexpr int64_t kPointsMin = 12;      // before anything is said
constexpr size_t kRecentMin = 10;       // points of the level, of a short series
constexpr size_t kRecentMax = 20;       // and of a long one
constexpr int64_t kPointsOfStart = 50;
constexpr double kLargeUpdateRatio = 0.01;  // ten times what is usual (docs/diagnosis.md)
constexpr Step kJumpReach = 200;  // a jump explains what happens this many steps later at most

// Five breached points in a row: the level itself is a median of ten or more.
constexpr BreachPolicy kPolicy{.breaches = 5, .of_windows = 5};

std::vector<double> LastOf(const std::deque<double>& values, size_t count) {
  return {values.end() - static_cast<std::ptrdiff_t>(std::min(count, values.size())), values.end()};
}

// Whether the points lie where the first value does not. REQUIRES: all are above 0.
// `level` is their median.
bool HasGrown(const std::vector<double>& recent, double level, double first) {
  if (level < kGrown * first) return false;
  const double lowest = *std::min_element(recent.begin(), recent.end());
  if (lowest >= kExploded * first) return true;
  std::vector<double> distances;
  distances.reserve(recent.size());
  for (const double value : recent) distances.push_back(std::abs(std::log(value / level)));
  const double spread = kMadToSigma * Median(std::move(distances));
  return lowest >= level / kNear && std::log(level / first) >= kSpreads * spread;
}

// The largest jump shortly before the loss rose, of whatever is logged.
std::string DescribeJump(const Context& context, Step since) {
  const Step from = since < std::numeric_limits<Step>::min() + kJumpReach
                        ? std::numeric_limits<Step>::min()
                        : since - kJumpReach;
  std::optional<ScalarTrack::Jump> largest;
  std::string what;
  const auto look = [&](const Context::Tracks& tracks, std::string_view noun, double value_min,
                        std::string_view before_name = " of ") {
    for (const auto& [name, track] : tracks) {
      const auto jump = track.LargestJump(from, since);
      if (!jump || jump->value < value_min || (largest && jump->z <= largest->z)) continue;
      largest = jump;
      what = name.empty() ? std::string(noun) : StrCat(noun, before_name, Excerpt(name));
    }
  };
  look(context.learning_rates, "The learning rate", 0);
  look(context.other_learning_rates, "The learning rate", 0, " ");
  look(context.layer_update_ratios, "The update ratio", kLargeUpdateRatio);
  look(context.table_update_ratios, "The update ratio", kLargeUpdateRatio);
  if (!largest) return "";
  return StrCat(what, " rose to ", Number(largest->value), " at step ", Thousands(largest->step),
                ", ", Number(largest->value / largest->usual), " times its usual ",
                Number(largest->usual), ". ");
}

}  // namespace

LossGrowth::Track::Track() : breach(kPolicy) {}

bool LossGrowth::Track::is_judged() const {
  return points >= kPointsMin && !std::isnan(first);
}

bool LossGrowth::Track::is_lost() const {
  return points > 0 && !std::isfinite(last);
}

bool LossGrowth::Watches(std::string_view tag) {
  return IsTrainingLoss(tag) || IsOfMovingTarget(tag);
}

void LossGrowth::Add(const std::string& tag, Step step, double value) {
  if (!tracks_.contains(tag) && !IsTrainingLoss(tag)) {
    if (moving_target_.empty() || tag < moving_target_) moving_target_ = tag;
    return;
  }
  Track& track = tracks_[tag];
  track.step = step;
  track.last = value;
  if (!std::isfinite(value)) return;
  track.history.Add(step, value);
  if (std::isnan(track.first) && value > 0) track.first = value;
  if (!(value > kHigh * track.first)) {
    track.points_before_high = track.points + 1;
  } else if (track.points == track.points_before_high) {
    track.high_since = step;
  }
  ++track.points;
  track.recent.push_back(value);
  if (track.recent.size() > kRecentMax) track.recent.pop_front();
  if (!track.is_judged()) return;
  const size_t count = std::clamp(static_cast<size_t>(track.points) / 4, kRecentMin, kRecentMax);
  const std::vector<double> recent = LastOf(track.recent, count);
  track.level = Median(recent);
  track.highest = std::max(track.highest, track.level);
  const int64_t high = track.points - track.points_before_high;
  Observation now{.first_step = step, .step = step, .onset = track.high_since};
  now.is_breached =
      high >= static_cast<int64_t>(count) && HasGrown(recent, track.level, track.first);
  now.is_clear = track.factor() < kBackTo;
  if (track.breach.Observe(now) != Breach::Change::kOpened) return;
  track.has_incident = true;
  track.points_before_rise = track.points_before_high;
}

Finding LossGrowth::Report(const std::string& tag, const Track& track,
                           const Context& context) const {
  const Incident& incident = track.breach.incident();
  const double factor = incident.is_open ? track.factor() : track.highest / track.first;
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
          ? StrCat("Its level is ", Number(track.level), " as of step ", Thousands(track.step),
                   "; its first value was ", Number(track.first), ". The alarm is at ",
                   Number(kGrown), " times that.")
          : StrCat("Its level was up to ", Number(track.highest), "; its first value was ",
                   Number(track.first), ". It rose at step ", Thousands(incident.onset),
                   " and was back by step ", Thousands(incident.closed), ".");
  const std::string jump = DescribeJump(context, incident.onset);
  if (!jump.empty()) {
    finding.cause = jump + "Steps that large throw the weights away from where the loss is low.";
    finding.advice =
        "Find what raised it then. Start again from a checkpoint before this step with a lower "
        "learning rate, and clip gradients.";
  } else if (track.points_before_rise < kPointsOfStart) {
    finding.cause = "It rose almost from the start: the learning rate is too high for this model.";
    finding.advice = "Divide the learning rate by 10, or warm it up, and clip gradients.";
  } else {
    finding.cause =
        "What changed at that step is not logged: no learning rate or update ratio jumped far. "
        "Besides a step that was too large, a restart without its optimizer's state does this, "
        "other data, or another weight of a part of the loss.";
    finding.advice =
        "Compare data, loss weights and the state of the optimizer before and after this step. If "
        "nothing was meant to change, start again from a checkpoint before it with a lower "
        "learning rate, and clip gradients.";
  }
  finding.evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kGrown * track.first;
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
    check.reason = StrCat(Excerpt(tag), " is not finite: see non_finite");
  } else if (track.points < kPointsMin) {
    check.state = Check::State::kWarming;
    check.reason = StrCat(Excerpt(tag), " has ", track.points, " of ", kPointsMin, " points");
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
    if (!track.is_judged() || track.is_lost() || !rank(track)) continue;
    if (largest == nullptr || *rank(track) > *rank(largest->second)) largest = &entry;
  }
  return largest;
}

void LossGrowth::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto* judged = Largest([](const Track& track) { return std::optional(track.factor()); });
  if (!moving_target_.empty()) {
    diagnosis->checks.push_back({"loss_growth", "", Check::State::kNotChecked,
                                 StrCat("the run logs ", Excerpt(moving_target_),
                                        ": where what is learned moves, a loss may grow")});
    return;
  }
  if (judged == nullptr) {
    diagnosis->checks.push_back(ExplainSilence());
    return;
  }
  const auto* told = Largest([](const Track& track) {
    return track.breach.is_open() ? std::optional(track.factor()) : std::nullopt;
  });
  const bool is_open = told != nullptr;
  if (!is_open) {
    told = Largest([](const Track& track) {
      return track.has_incident ? std::optional(track.highest) : std::nullopt;
    });
  }
  if (told != nullptr) diagnosis->findings.push_back(Report(told->first, told->second, context));
  const auto& [tag, track] = is_open ? *told : *judged;
  const std::string level = track.level > 0
                                ? StrCat(Number(track.factor()), " times what it began with")
                                : StrCat("at ", Number(track.level), ", below what it began with");
  diagnosis->checks.push_back({"loss_growth", "",
                               is_open ? Check::State::kFired : Check::State::kOk,
                               StrCat(Excerpt(tag), " is ", level)});
}

}  // namespace spirogram::diagnosis
