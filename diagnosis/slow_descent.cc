#include "diagnosis/slow_descent.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr int64_t kPointsMin = 10;
constexpr double kStepsMin = 200;     // of those that are not counted in epochs
constexpr double kStridesBefore = 3;  // a run that begins later continues another
constexpr double kSmallFall = 0.05;   // no more of its first value
constexpr double kFairFall = 0.15;    // or so much, where the line is straighter
constexpr double kNoFall = 0.005;
// The fall of the later half of the points against that of the earlier: less is a bend, as of what
// is learned, and more a rate that still rises.
constexpr double kStraightMin = 0.7;
constexpr double kStraightMax = 1.5;
// Of what fell further: an exponential that is as straight as this has come at most 28 % of its
// way.
constexpr double kStraighterMin = 0.85;
constexpr double kStraighterMax = 1.2;

}  // namespace

void SlowDescent::AddHeldOut(const std::string& tag, Step step, double value) {
  Track& track = tracks_[tag];
  const int64_t before = track.blocks.points();
  if (before == 0) track.first_step = step;
  if (before == 1) track.second_step = step;
  track.always_falls = value > 0 && track.always_falls && (before == 0 || value < track.latest);
  const bool was_enough = track.IsEnough(tag);
  track.latest = value;
  track.step = step;
  track.blocks.Add(step, value);
  if (!was_enough && track.IsEnough(tag)) track.told_at = step;
}

bool SlowDescent::Track::IsEnough(const std::string& tag) const {
  return blocks.points() >= kPointsMin &&
         (IsOfEpochs(tag) || StepSpan(first_step, step) >= kStepsMin);
}

bool SlowDescent::Track::IsStraight() const {
  if (!always_falls || fall() >= kFairFall) return false;
  const double earlier = first() - half();
  const double later = half() - latest;
  const bool is_small = fall() < kSmallFall;
  return later >= (is_small ? kStraightMin : kStraighterMin) * earlier &&
         later <= (is_small ? kStraightMax : kStraighterMax) * earlier;
}

Finding SlowDescent::Report(const Tracks::value_type& straight) {
  const auto& [tag, track] = straight;
  const std::string name = Excerpt(tag);
  Finding finding;
  finding.rule = "slow_descent";
  finding.entity = ToValidUtf8(tag);
  finding.severity = track.fall() < kNoFall ? Severity::kWarning : Severity::kInfo;
  finding.onset_step = track.first_step;
  finding.detected_step = track.told_at;
  finding.value = track.fall();
  finding.threshold = kFairFall;
  finding.title = StrCat(name, " has come down by ", Percent(track.fall()), " in ",
                         Thousands(track.blocks.points()), " points, in a straight line");
  finding.summary =
      StrCat("Each point is below the one before. The earlier half of them brought it down by ",
             Number(track.first() - track.half()), ", the later half by ",
             Number(track.half() - track.latest), ", from ", Number(track.first()), " at step ",
             Thousands(track.first_step),
             ". A loss that is being learned bends, since what is easy goes "
             "first. This is told of a fall of less than ",
             Percent(kFairFall), ", as an alarm of less than ", Percent(kNoFall), ".");
  finding.cause =
      "The weights move in the right direction, and hardly: a learning rate that is far too low, "
      "gradients that are clipped to nearly nothing, or a loss that is scaled down.";
  finding.advice =
      "Raise the learning rate by factors of 10 until the loss bends, or rises. Where gradients "
      "are clipped, compare their norm with the limit. For a trained model that is tuned gently "
      "this may be as it should.";
  store::EvidenceSeries series;
  series.label = name;
  series.unit = "value";
  series.step = track.blocks.step();
  series.value = track.blocks.mean();
  finding.evidence.push_back(std::move(series));
  return finding;
}

void SlowDescent::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto say = [diagnosis](Check::State state, std::string reason) {
    diagnosis->checks.push_back({"slow_descent", "", state, std::move(reason)});
  };
  if (tracks_.empty()) {
    return say(Check::State::kNotChecked,
               "no loss of held-out data is logged: a tag such as val_loss or eval/loss");
  }
  if (!context.moving_target.empty()) {
    return say(Check::State::kNotChecked,
               StrCat("the run logs ", Excerpt(context.moving_target), ": what is learned moves"));
  }
  const auto is_told = [](const auto& entry) {
    return entry.second.IsEnough(entry.first) && entry.second.IsStraight();
  };
  const auto told = std::find_if(tracks_.begin(), tracks_.end(), is_told);
  const auto& [tag, track] = told == tracks_.end() ? *tracks_.begin() : *told;
  const std::string name = Excerpt(tag);
  const bool is_flat = std::any_of(
      diagnosis->findings.begin(), diagnosis->findings.end(),
      [](const Finding& finding) { return finding.rule == "loss_flat" && finding.is_open; });
  if (is_flat) return say(Check::State::kNotChecked, "a training loss is flat: see loss_flat");
  if (!track.IsEnough(tag)) {
    return say(Check::State::kWarming, StrCat(name, " has ", track.blocks.points(), " of ",
                                              kPointsMin, " points, over 200 steps"));
  }
  if (told == tracks_.end()) return say(Check::State::kOk, name + " does not fall in a line");
  if (StepSpan(0, track.first_step) >
      kStridesBefore * StepSpan(track.first_step, track.second_step)) {
    return say(Check::State::kNotChecked,
               StrCat(name, " begins at step ", Thousands(track.first_step),
                      ": how it had come down by then is not logged"));
  }
  diagnosis->findings.push_back(Report(*told));
  say(Check::State::kFired, StrCat(name, " has come down by ", Percent(track.fall())));
}

}  // namespace spirogram::diagnosis
