#include "diagnosis/loss_fall_back.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "diagnosis/loss_rise.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Finding;
using store::Severity;

// Shares of the first value.
constexpr double kLearned = 0.2;
constexpr double kBack = 0.7;
constexpr double kBackEnds = 0.5;
constexpr double kNothing = 1e-6;    // a level below this, zero included, is taken as this
constexpr int64_t kPointsBack = 20;  // so many in a row are no spike

constexpr BreachPolicy kPolicy{.breaches = 5, .of_windows = 5};

}  // namespace

LossFallBack::LossFallBack() : breach_(kPolicy) {}

void LossFallBack::Add(Step step, double value, const LossLevel& loss) {
  step_ = step;
  if (!(value >= kBackEnds * loss.first())) {
    points_before_back_ = loss.points();
  } else if (loss.points() == points_before_back_ + 1) {
    back_since_ = step;
  }
  if (!loss.is_judged()) return;
  lowest_ = std::min(lowest_, loss.level());
  const bool has_learned = lowest_ <= kLearned * loss.first();
  const bool is_back = loss.points() - points_before_back_ >= kPointsBack &&
                       loss.factor() >= kBack &&
                       loss.IsFarAbove(std::max(lowest_, kNothing * loss.first()));
  Observation now{.first_step = step, .step = step, .onset = back_since_};
  now.is_breached = has_learned && is_back;
  now.is_clear = loss.factor() < kBackEnds;
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
  finding.severity = incident.is_open ? Severity::kWarning : Severity::kInfo;
  finding.is_open = incident.is_open;
  finding.onset_step = incident.onset;
  finding.detected_step = incident.detected;
  finding.closed_step = incident.is_open ? 0 : incident.closed;
  const double level = incident.is_open ? loss.level() : highest_;
  finding.value = level / loss.first();
  finding.threshold = kBack;
  finding.title =
      StrCat(Excerpt(tag), " fell to ", Number(lowest_), " and ", incident.is_open ? "is" : "was",
             " back at ", Number(level), incident.is_open ? "" : " for a while");
  finding.summary =
      StrCat("Its first value was ", Number(loss.first()), ", its lowest level ", Number(lowest_),
             ". It rose at step ", Thousands(incident.onset),
             incident.is_open ? StrCat(", and its level is ", Number(level), " as of step ",
                                       Thousands(step_), ": what was learned is lost.")
                              : StrCat(" to ", Number(level), " and was down again by step ",
                                       Thousands(incident.closed), "."),
             " The alarm is at ", Percent(kBack),
             " of the first value, for a loss that had come "
             "down to ",
             Percent(kLearned), " of it.");
  LossExplanation explanation = ExplainRise(context, incident.onset, points_before_rise_);
  finding.cause = std::move(explanation.cause);
  finding.advice = std::move(explanation.advice);
  finding.evidence.push_back(history.ToEvidence(Excerpt(tag), "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kBack * loss.first();
  return finding;
}

}  // namespace spirogram::diagnosis
