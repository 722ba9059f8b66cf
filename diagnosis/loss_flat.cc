#include "diagnosis/loss_flat.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/str.h"
#include "diagnosis/chance.h"
#include "diagnosis/median.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr size_t kFirstPoints = 10;
constexpr size_t kFirstEpochs = 3;
constexpr int64_t kPointsMin = 40;
constexpr int64_t kEpochsMin = 12;  // a mean over an epoch hides no slow descent
constexpr double kFallen = 0.95;  // times what it began with: a fall as small as this is no success
constexpr double kFallenFar = 0.9;
constexpr double kFallenAtOnce = 0.85;  // times the first point
constexpr double kOnTheWay = 0.99;  // the later half, less what it may be off, against the earlier
constexpr double kOnTheWayFar = 0.97;
constexpr double kErrorMax = 0.01;    // of the later half: else it scatters too far to tell
constexpr double kRateRises = 1.4;    // the learning rate against that of half the way
constexpr double kStridesBefore = 3;  // a run that begins later continues another
constexpr double kVeryLowRate = 1e-6;
constexpr double kTuningRate = 3e-4;  // trained models are tuned at this or less
constexpr double kHighRate = 0.03;
constexpr double kNearChance = 1.5;  // times the accuracy of chance
constexpr double kLossOfTwo = 0.69;  // ln 2: classes are at least two
constexpr double kAsHonest = 0.98;   // times the loss that the accuracy allows
constexpr double kRightOften = 0.5;  // by chance alone, no classifier is
// Times -ln(accuracy), the loss of one that is right so often by chance: one that has learned has
// more, since it is surer of what it gets right than of the rest.
constexpr double kOfChanceMin = 0.9;
constexpr double kOfChanceMax = 1.3;
constexpr double kOnTheWayToChance = 0.97;  // a rate that is far too high makes it bounce
constexpr double kErrorMaxToChance = 0.02;
constexpr int64_t kLongEnough = 3;  // times the points that are needed otherwise
constexpr Step kStepsHidden = 100;  // before the first point
// Of a language model that has learned nothing, the logarithm of its vocabulary; one that was
// trained does not find 55 words alike. A squared error of prices is larger.
constexpr double kVocabularyLossMin = 4;
constexpr double kVocabularyLossMax = 13;
constexpr BreachPolicy kPolicy{.breaches = 3, .of_windows = 3};

// While a warm-up lasts, that nothing has moved yet says nothing.
bool IsWarmingUp(const Context& context) {
  for (const auto* rates : {&context.learning_rates, &context.other_learning_rates}) {
    for (const auto& [name, rate] : *rates) {
      const std::vector<Step>& steps = rate.history().step();
      if (steps.empty()) continue;
      const Step middle = steps.front() / 2 + steps.back() / 2;
      if (rate.latest() > kRateRises * rate.PeakUpTo(middle)) return true;
    }
  }
  return false;
}

// The largest learning rate that was logged; NaN where none is.
double PeakRate(const Context& context) {
  double peak = std::numeric_limits<double>::quiet_NaN();
  for (const auto* rates : {&context.learning_rates, &context.other_learning_rates}) {
    for (const auto& [name, rate] : *rates) {
      peak = std::fmax(peak, rate.PeakUpTo(std::numeric_limits<Step>::max()));
    }
  }
  return peak;
}

struct Explanation {
  std::string cause;
  std::string advice;
  bool is_exact = false;   // nothing can ever be learned like this
  bool is_proven = false;  // that something is wrong
};

// The finding that histograms prove, or null.
const Finding* FindingOfTensors(const store::Diagnosis& diagnosis) {
  for (const Finding& finding : diagnosis.findings) {
    if (finding.rule == "still_tensors" && finding.severity != Severity::kInfo) return &finding;
  }
  return nullptr;
}

Explanation Explain(const Context& context, const Finding* tensors, bool has_no_gradient) {
  const double rate = PeakRate(context);
  if (rate == 0) {
    return {"The learning rate is logged as 0, so the weights never change.",
            "Look at the schedule of the learning rate and at what it is multiplied by.", true};
  }
  if (has_no_gradient) {
    return {
        "Each gradient norm that is logged is exactly 0: the loss does not reach the weights. "
        "A detach(), no_grad(), argmax or cast to integers cuts it off, or a layer of which no "
        "unit answers.",
        "Look from the loss backwards for the first tensor that needs no gradient, and for "
        "layers that answer 0 to everything.",
        true};
  }
  if (!context.dead_layers.empty() && context.dead_layers.front().is_blocked()) {
    const DeadLayer& dead = context.dead_layers.front();
    return {StrCat("Layer ", dead.layer, " is dead since step ", Thousands(dead.blocked_since),
                   ", so nothing behind it sees the input."),
            StrCat("Repair ", dead.layer, " first: the finding about it says how.")};
  }
  if (tensors != nullptr) {
    return {StrCat("The histograms tell: ", tensors->title, "."),
            "Repair that first: the finding about it says how."};
  }
  auto faded = FindFadedGradient(context.gradient_norms);
  if (!faded) faded = FindFadedGradient(context.gradient_magnitudes);
  if (faded) {
    return {StrCat("The gradient vanishes on its way back: ", Excerpt(faded->smallest_tag),
                   " was at most ", Number(faded->smallest), ", ", Excerpt(faded->largest_tag),
                   " up to ", Number(faded->largest),
                   ". Activations that saturate do this (sigmoid, tanh), weights that were drawn "
                   "too small, or many layers without shortcuts."),
            "Use ReLU or its like with He's initialisation, or normalise between layers.", false,
            true};
  }
  if (rate < kVeryLowRate) {
    return {StrCat("The learning rate is logged as at most ", Number(rate),
                   ": too low for the weights to move."),
            "Raise it by factors of 10 until the loss falls; about 1e-3 is usual for Adam."};
  }
  const std::string logged =
      rate >= kHighRate
          ? StrCat(" The learning rate is logged as up to ", Number(rate),
                   ": with Adam or without normalisation that is high enough to ruin the weights "
                   "in the first steps.")
          : "";
  return {
      StrCat("Either the weights do not move (a learning rate that is far too low, parameters "
             "that the optimizer does not hold, a gradient that is cut off or vanishes), or "
             "they were ruined in the first steps (a learning rate that is far too high, dead "
             "units), or softmax is taken twice, "
             "or the labels do not belong to the inputs.",
             logged),
      "Try to learn a single batch by heart: if that fails, look at the gradients of each layer "
      "and at the learning rate, a factor of 10 up and down; if it works, at how inputs and "
      "labels are paired and shuffled. A run that goes on with a trained model may be right."};
}

}  // namespace

LossFlat::Track::Track() : breach(kPolicy) {}

int64_t LossFlat::Track::points_min() const {
  return is_of_epochs ? kEpochsMin : kPointsMin;
}

bool LossFlat::Track::has_fallen() const {
  return !(lowest >= kFallen * beginning && beginning > 0);
}

bool LossFlat::Track::has_settled(double at_least, double error_max) const {
  const double later = blocks.MedianOfLaterHalf();
  const double error = blocks.ErrorOfLaterHalf();
  return error <= error_max * later && later - error >= at_least * blocks.MedianOfEarlierHalf();
}

void LossFlat::AddLoss(const std::string& tag, Step step, double value) {
  Track& track = tracks_[tag];
  if (track.blocks.points() == 0) {
    track.first_step = step;
    track.is_of_epochs = IsOfEpochs(tag);
  }
  if (track.first.size() < (track.is_of_epochs ? kFirstEpochs : kFirstPoints)) {
    track.first.push_back(value);
    track.beginning = Median(track.first);
  }
  track.step = step;
  track.loss.Add(value);
  track.history.Add(step, value);
  track.blocks.Add(step, value);
  if (track.loss.is_judged()) track.lowest = std::min(track.lowest, track.loss.level());
  if (track.blocks.points() < track.points_min()) return;
  if (track.blocks.points() == kLongEnough * track.points_min()) track.enough_at = step;
  // A loss that has fallen never is flat again: most runs cost no more than this from then on.
  if (track.has_fallen() && !track.breach.is_open()) return;
  Observation now{.first_step = step, .step = step, .onset = track.first_step};
  now.is_breached = !track.has_fallen() && track.has_settled(kOnTheWay, kErrorMax);
  now.is_clear =
      track.lowest < kFallenFar * track.beginning ||
      track.blocks.MedianOfLaterHalf() < kOnTheWayFar * track.blocks.MedianOfEarlierHalf();
  track.breach.Observe(now);
}

void LossFlat::AddGradientNorm(double value) {
  ++gradients_;
  largest_gradient_ = std::max(largest_gradient_, value);
}

// A model that answers C classes alike has a loss of ln C and is right once in C times, exp(-loss).
// One that was trained is right far more often; weights drawn too large have a loss above ln C.
bool LossFlat::IsTrained(const Track& track) const {
  const double chance = std::exp(-std::min(track.loss.level(), track.beginning) / 2);
  return accuracies_.RanksBetterThanChance() || accuracies_.Best() > std::max(chance, kRightOften);
}

bool LossFlat::IsAccuracyOfChance(const Track& track) const {
  const double accuracy = accuracies_.Best();
  return accuracy > 0 && accuracy <= kNearChance * std::exp(-track.loss.level());
}

// Weights that hardly moved name the right one a little more often; trained ones, far more often.
bool LossFlat::IsHardlyMoved(const Track& track) const {
  const double loss = track.loss.level();
  const double accuracy = accuracies_.Best();
  if (track.beginning < kLossOfTwo || accuracy > std::exp(-loss / 2)) return false;
  return loss >= kAsHonest * HonestLoss(accuracy, std::exp(track.beginning));
}

double LossFlat::TimesChance(const Track& track) const {
  return track.loss.level() / -std::log(accuracies_.Best());
}

bool LossFlat::HasFallenToChance(const Track& track) const {
  const double accuracy = accuracies_.Best();
  const bool is_better = accuracies_.HasRisen() || accuracies_.RanksBetterThanChance();
  if (is_better || !(accuracy > 0 && accuracy < 1)) return false;
  const double of_chance = TimesChance(track);
  return track.has_fallen() && track.blocks.points() >= kLongEnough * track.points_min() &&
         of_chance >= kOfChanceMin && of_chance <= kOfChanceMax &&
         track.has_settled(kOnTheWayToChance, kErrorMaxToChance);
}

bool LossFlat::IsCoarse(const Track& track) const {
  const auto is_measured_with = [&track](const auto& held_out) {
    return std::abs(held_out.second - track.blocks.points()) <= 1;
  };
  return track.is_of_epochs || track.first_step >= kStepsHidden ||
         std::any_of(held_out_.begin(), held_out_.end(), is_measured_with);
}

// Within the first hundred steps a healthy run may be flat, where each of them is logged.
int64_t LossFlat::PointsNeeded(const Track& track) const {
  const std::vector<Step>& steps = track.blocks.step();
  const bool is_every_step = steps.size() > 1 && steps[1] == steps[0] + 1;
  return is_every_step && !IsCoarse(track) ? kLongEnough * track.points_min() : track.points_min();
}

// A trained model that is tuned at a low learning rate may stay where it began, and a regression
// may converge before its first point.
bool LossFlat::IsChance(const Track& track, const Context& context) const {
  const double loss = track.loss.level();
  const double rate = PeakRate(context);
  if (rate < kVeryLowRate || HasFallenToChance(track)) return true;
  if (accuracies_.Best() > 0) return IsAccuracyOfChance(track) || IsHardlyMoved(track);
  if (track.is_of_epochs) return ClassesOf(loss) > 0;
  if (loss >= kVocabularyLossMin && loss <= kVocabularyLossMax) return true;
  return std::isnan(rate) || IsCoarse(track) ? ClassesOf(loss) > 0 : rate > kTuningRate;
}

std::string LossFlat::DescribeAlarm(const Track& track) const {
  const double accuracy = accuracies_.Best();
  if (track.has_fallen()) {
    return StrCat(" Who is right in ", Percent(accuracy), " of cases by chance has a loss of ",
                  Number(-std::log(accuracy)),
                  ", and no accuracy is above what it began with. The alarm is at less than ",
                  Number(kOfChanceMax), " times that.");
  }
  std::string alarm =
      StrCat(" The alarm is a fall of less than ", Percent(1 - kFallen), " that does not go on.");
  const int classes = ClassesOf(track.loss.level());
  if (classes == 0) return alarm;
  return StrCat(
      alarm, " A classifier that answers all of ", classes, " classes alike has a loss of ",
      Number(std::log(classes)), " and is right in ", Percent(1.0 / classes), " of cases",
      accuracy > 0 ? StrCat("; the best accuracy that is logged is ", Percent(accuracy)) : "", ".");
}

std::string LossFlat::TitleOf(const std::string& tag, const Track& track) const {
  const std::string level = Number(track.loss.level());
  if (track.has_fallen()) {
    return StrCat(Excerpt(tag), " came down to ", level, " and no further: with an accuracy of ",
                  Percent(accuracies_.Best()), ", that is chance");
  }
  return StrCat(Excerpt(tag), " has not come down: it began at ", Number(track.beginning),
                " and is at ", level);
}

Finding LossFlat::Report(const std::string& tag, const Track& track, const Context& context,
                         const Finding* tensors) const {
  const bool has_no_gradient = gradients_ >= kPointsMin && largest_gradient_ == 0;
  Explanation explanation = Explain(context, tensors, has_no_gradient);
  Finding finding;
  finding.rule = "loss_flat";
  finding.entity = ToValidUtf8(tag);
  const bool is_alarm = explanation.is_proven || IsChance(track, context);
  finding.severity = is_alarm ? Severity::kWarning : Severity::kInfo;
  if (explanation.is_exact) finding.severity = Severity::kCritical;
  finding.onset_step = track.first_step;
  finding.detected_step =
      track.breach.is_open() ? track.breach.incident().detected : track.enough_at;
  finding.value = track.has_fallen() ? TimesChance(track) : track.loss.level() / track.beginning;
  finding.threshold = track.has_fallen() ? kOfChanceMax : kFallen;
  finding.title = TitleOf(tag, track);
  finding.summary =
      StrCat("It has ", Counted(track.blocks.points(), "point"), " from step ",
             Thousands(track.first_step), " to ", Thousands(track.step), ". Its lowest level was ",
             Number(track.lowest), ", and of the later half of the points the median is ",
             Number(track.blocks.MedianOfLaterHalf()), ", of the earlier half ",
             Number(track.blocks.MedianOfEarlierHalf()), ".", DescribeAlarm(track));
  finding.cause = std::move(explanation.cause);
  finding.advice = std::move(explanation.advice);
  finding.evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", false));
  finding.evidence.back().has_threshold = !track.has_fallen();
  if (!track.has_fallen()) finding.evidence.back().threshold = kFallen * track.beginning;
  return finding;
}

Check LossFlat::CheckOf(const std::string& tag, const Track& track) const {
  Check check{"loss_flat", "", Check::State::kWarming, ""};
  const std::string name = Excerpt(tag);
  const auto& steps = track.blocks.step();
  if (!(track.beginning > 0)) {
    check.state = Check::State::kNotChecked;
    check.reason = StrCat(name, " did not begin above 0");
  } else if (HasFallenToChance(track)) {
    check.state = Check::State::kFired;
    check.reason = StrCat(name, " came down to what chance gives, ", Number(track.loss.level()));
  } else if (track.loss.is_judged() && track.has_fallen()) {
    check.state = Check::State::kOk;
    check.reason =
        StrCat(name, " came down from ", Number(track.beginning), " to ", Number(track.lowest));
  } else if (const int64_t needed = PointsNeeded(track); track.blocks.points() < needed) {
    check.reason = StrCat(name, " has ", track.blocks.points(), " of ", needed, " points");
  } else if (StepSpan(0, track.first_step) > kStridesBefore * StepSpan(steps[0], steps[1])) {
    check.state = Check::State::kNotChecked;
    check.reason = StrCat(name, " begins at step ", Thousands(track.first_step),
                          ": how far it had come down by then is not logged");
  } else if (track.lowest < kFallenAtOnce * track.first[0] && !IsAccuracyOfChance(track)) {
    check.state = Check::State::kOk;
    check.reason = StrCat(name, " came down from ", Number(track.first[0]), " at once");
  } else if (IsTrained(track)) {
    check.state = Check::State::kOk;
    check.reason = accuracies_.RanksBetterThanChance()
                       ? "the area under the ROC curve is not that of chance"
                       : StrCat("an accuracy of ", Percent(accuracies_.Best()), " is not chance");
  } else if (track.breach.is_open()) {
    check.state = Check::State::kFired;
    check.reason = StrCat(name, " is where it began, at ", Number(track.loss.level()));
  } else {
    check.reason = StrCat(name, " is at ", Number(track.loss.level()), " and began at ",
                          Number(track.beginning), ": it still falls, or scatters too far to tell");
  }
  return check;
}

void LossFlat::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  if (!context.moving_target.empty()) {
    diagnosis->checks.push_back({"loss_flat", "", Check::State::kNotChecked,
                                 StrCat("the run logs ", Excerpt(context.moving_target),
                                        ": where what is learned moves, a loss need not fall")});
    return;
  }
  // The loss that fell, where one did; else the one of which most is known.
  const auto most =
      std::max_element(tracks_.begin(), tracks_.end(), [](const auto& a, const auto& b) {
        const auto rank = [](const Track& track) {
          return std::pair(track.loss.is_judged() && track.has_fallen(), track.blocks.points());
        };
        return rank(a.second) < rank(b.second);
      });
  if (most == tracks_.end()) {
    diagnosis->checks.push_back({"loss_flat", "", Check::State::kNotChecked,
                                 "no training loss is logged: a tag such as loss, train/loss or "
                                 "total_loss"});
    return;
  }
  Check check = CheckOf(most->first, most->second);
  const auto& findings = diagnosis->findings;
  if (check.state == Check::State::kFired && IsWarmingUp(context)) {
    check.state = Check::State::kWarming;
    check.reason += ", but the learning rate still rises";
  } else if (check.state == Check::State::kFired &&
             std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
               return finding.rule == "loss_growth" && finding.is_open;
             })) {
    check.state = Check::State::kNotChecked;
    check.reason = StrCat(Excerpt(most->first), " has grown: see loss_growth");
  }
  if (check.state == Check::State::kFired) {
    Finding finding = Report(most->first, most->second, context, FindingOfTensors(*diagnosis));
    diagnosis->findings.push_back(std::move(finding));
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
