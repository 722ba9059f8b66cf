#include "diagnosis/loss_fall_back.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/str.h"
#include "diagnosis/loss_rise.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Finding;
using store::Severity;

constexpr double kLearned = 0.8;  // of the first value
// Of the way from the lowest level to the first value.
constexpr double kBack = 0.5;
constexpr double kBackEnds = 0.35;
constexpr int64_t kPointsBack = 16;  // so many in a row, and those of the policy, are no spike
// Losses of single samples scatter over orders of magnitude, and the first and the lowest may be
// low by chance; but no so many points in a row are each above the largest of so many before.
constexpr int64_t kPointsUsual = 40;
// Of the first value: from so low back to so high, it suffices that the points lie near each other.
constexpr double kLearnedFar = 0.2;
constexpr double kWhereItBegan = 0.7;
constexpr double kNothing = 1e-6;  // of the first value: a level below this is taken as this

constexpr BreachPolicy kPolicy{.breaches = 5, .of_windows = 5};

LossExplanation ExplainOtherData(const HeldOutKept& kept) {
  return {StrCat("The model is no worse on data that it is not trained on: ", Excerpt(kept.tag),
                 " was ", Number(kept.then), " before and is ", Number(kept.now),
                 ". So the training data became harder at that step, as by a curriculum, "
                 "augmentation or another mix, or the loss is made up otherwise."),
          "If nothing of this was meant to change, compare the batches before and after it."};
}

}  // namespace

LossFallBack::LossFallBack() : breach_(kPolicy) {}

double LossFallBack::OnTheWay(double share, const LossLevel& loss) const {
  return lowest_ + share * (loss.first() - lowest_);
}

bool LossFallBack::IsAboveAllBefore() const {
  if (std::ssize(recent_) < kPointsUsual + kPointsBack) return false;
  const auto back = recent_.end() - kPointsBack;
  return *std::min_element(back, recent_.end()) > *std::max_element(recent_.begin(), back);
}

void LossFallBack::Add(Step step, double value, const LossLevel& loss) {
  step_ = step;
  recent_.push_back(value);
  if (std::ssize(recent_) > kPointsUsual + kPointsBack) recent_.pop_front();
  if (!loss.is_judged()) return;
  lowest_ = std::min(lowest_, loss.level());
  const bool has_learned = lowest_ <= kLearned * loss.first();
  if (!has_learned || value < OnTheWay(kBackEnds, loss)) {
    points_before_back_ = loss.points();
    is_above_all_ = false;
  } else if (loss.points() == points_before_back_ + 1) {
    back_since_ = step;
  }
  is_above_all_ = is_above_all_ || IsAboveAllBefore();
  Observation now{.first_step = step, .step = step, .onset = back_since_};
  const bool is_back =
      loss.points() - points_before_back_ >= kPointsBack && loss.level() >= OnTheWay(kBack, loss);
  const bool is_where_it_began = lowest_ <= kLearnedFar * loss.first() &&
                                 loss.factor() >= kWhereItBegan &&
                                 loss.IsFarAbove(std::max(lowest_, kNothing * loss.first()));
  now.is_breached = is_back && (is_where_it_began || is_above_all_);
  now.is_clear = loss.level() < OnTheWay(kBackEnds, loss);
  if (breach_.Observe(now) == Breach::Change::kOpened) {
    has_incident_ = true;
    points_before_rise_ = points_before_back_;
    highest_ = 0;
  }
  if (breach_.is_open()) highest_ = std::max(highest_, loss.level());
}

Finding LossFallBack::Report(const std::string& tag, const History& history, const LossLevel& loss,
                             const Context& context) const {
  const Incident& incident = breach_.incident();
  Finding finding;
  finding.rule = "loss_growth";
  finding.entity = ToValidUtf8(tag);
  const auto kept = FindHeldOutKept(context, incident.onset);
  finding.severity = incident.is_open && !kept ? Severity::kWarning : Severity::kInfo;
  finding.is_open = incident.is_open;
  finding.onset_step = incident.onset;
  finding.detected_step = incident.detected;
  finding.closed_step = incident.is_open ? 0 : incident.closed;
  const double level = incident.is_open ? loss.level() : highest_;
  finding.value = level;
  finding.threshold = OnTheWay(kBack, loss);
  finding.title =
      StrCat(Excerpt(tag), " fell to ", Number(lowest_), " and ", incident.is_open ? "is" : "was",
             " back at ", Number(level), incident.is_open ? "" : " for a while");
  finding.summary = StrCat(
      "Its first value was ", Number(loss.first()), ", its lowest level ", Number(lowest_),
      ". It rose at step ", Thousands(incident.onset),
      incident.is_open
          ? StrCat(", and its level is ", Number(level), " as of step ", Thousands(step_),
                   kept ? "." : ": half of what was learned, or more, is lost.")
          : StrCat(" to ", Number(level), " and was down again by step ",
                   Thousands(incident.closed), "."),
      " The alarm is half of the way back to the first value, for a loss that had come down to ",
      Percent(kLearned), " of it.");
  LossExplanation explanation =
      kept ? ExplainOtherData(*kept) : ExplainRise(context, incident.onset, points_before_rise_);
  finding.cause = std::move(explanation.cause);
  finding.advice = std::move(explanation.advice);
  finding.evidence.push_back(history.ToEvidence(Excerpt(tag), "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = finding.threshold;
  return finding;
}

}  // namespace spirogram::diagnosis
