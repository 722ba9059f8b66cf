#include "diagnosis/overfitting.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
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

constexpr int64_t kPointsMin = 8;
constexpr int64_t kPointsAfterBest = 3;
constexpr double kRisen = 1.1;  // times the best
constexpr double kRisenEnds = 1.05;
constexpr double kScatters = 4;  // the rise, in scatters of single points
constexpr size_t kScatterPoints = 20;
constexpr double kPastPeak = 0.8;  // times the highest since: it is coming down again
constexpr double kTrainingRose = 1.1;
constexpr double kWorse = 1.3;             // both losses, against what they were at the best
constexpr double kRateRose = 1.4;          // above its highest until then
constexpr double kAsAtFirst = 0.8;         // times the first training loss: held-out data
constexpr double kTrainingLearned = 0.5;   // and training data, where one does not follow the other
constexpr double kQualityKept = 0.99;      // times that at the best, while the loss has not
constexpr double kRisenFar = 1.5;          // risen this far
constexpr double kQualityGained = 1.01;    // then it is no worse if it is higher by so much,
constexpr double kErrorsLeft = 0.9;        // or if what is still wrong is no more than this of it
constexpr double kLossOfChanceMin = 0.66;  // ln 2, of which a batch may be a little less
constexpr double kNearChance = 1.2;        // times the accuracy of chance
constexpr size_t kBlocksCompared = 5;

constexpr BreachPolicy kPolicy{.breaches = 3, .of_windows = 3};

// The median of the last few blocks that begin by `step`; NaN where none does.
double LevelBy(const BlockMeans& blocks, Step step) {
  const auto end = std::upper_bound(blocks.step().begin(), blocks.step().end(), step);
  const auto count = static_cast<size_t>(end - blocks.step().begin());
  const auto first =
      blocks.mean().begin() + static_cast<std::ptrdiff_t>(count - std::min(count, kBlocksCompared));
  return Median({first, blocks.mean().begin() + static_cast<std::ptrdiff_t>(count)});
}

// A learning rate that is above whatever it was up to a step, and since when: no schedule that
// comes back to where it was.
struct HigherRate {
  std::string name;
  double then = 0;
  double now = 0;
  Step since = 0;
};

std::optional<HigherRate> FindHigherRate(const Context& context, Step best) {
  for (const auto* rates : {&context.learning_rates, &context.other_learning_rates}) {
    for (const auto& [name, rate] : *rates) {
      const double then = rate.PeakUpTo(best);
      if (!(then > 0 && rate.latest() >= kRateRose * then)) continue;
      const auto& values = rate.history().value();
      const auto higher = std::find_if(values.begin(), values.end(),
                                       [then](double value) { return value >= kRateRose * then; });
      const auto at = static_cast<size_t>(higher - values.begin());
      const Step since = at < values.size() ? rate.history().step()[at] : best;
      return HigherRate{name, then, rate.latest(), since};
    }
  }
  return std::nullopt;
}

// No overfitting: what was learned is lost on all data. The caller adds what it says of the losses.
Finding ReportWorse(const HigherRate& rate) {
  Finding finding;
  finding.rule = "loss_growth";
  finding.severity = Severity::kWarning;
  finding.onset_step = rate.since;
  finding.threshold = kWorse;
  finding.cause = StrCat("The learning rate ", Excerpt(rate.name), rate.name.empty() ? "" : " ",
                         "was at most ", Number(rate.then), " until then and is ", Number(rate.now),
                         " since step ", Thousands(rate.since), ": too high for this model.");
  finding.advice =
      "Start again from a checkpoint of before this step with the learning rate of before.";
  return finding;
}

// Some log percents.
double ShareOf(double quality) {
  return quality > 1 ? quality / 100 : quality;
}

// Where the loss has risen far. Of 98 % right, 1 % more is half of what was wrong.
bool HasGained(double then, double now) {
  const double wrong = 1 - ShareOf(then);
  return now >= kQualityGained * then || (wrong > 0 && 1 - ShareOf(now) <= kErrorsLeft * wrong);
}

}  // namespace

Overfitting::Track::Track() : breach(kPolicy) {}

bool Overfitting::Track::is_high() const {
  return breach.is_open() && risen_points >= kPolicy.breaches && rise() >= kRisenEnds;
}

bool Overfitting::Track::has_risen() const {
  if (points < kPointsMin || points - points_at_best < kPointsAfterBest) return false;
  double sum = 0;
  for (const double one : scatter) sum += one;
  // The middle one of three is the median in a third of cases, so the mean is half of the spread.
  const double spread = 2 * sum / static_cast<double>(scatter.size());
  return rise() >= kRisen && std::log(rise()) >= kScatters * spread &&
         level >= kPastPeak * highest_since &&
         *std::min_element(three.begin(), three.end()) >= kRisenEnds * best;
}

void Overfitting::AddHeldOut(const std::string& tag, Step step, double value) {
  Track& track = held_out_[tag];
  track.history.Add(step, value);
  track.is_positive = track.is_positive && value > 0;
  if (!track.is_positive) return;
  if (track.points == 0) track.first_step = step;
  const Step before = std::exchange(track.step, step);
  if (++track.points == kPointsMin) track.enough_at = step;
  track.three.push_back(value);
  if (track.three.size() < 3) return;
  if (track.three.size() > 3) track.three.pop_front();
  track.level = Median({track.three.begin(), track.three.end()});
  track.scatter.push_back(std::abs(std::log(track.three[1] / track.level)));
  if (track.scatter.size() > kScatterPoints) track.scatter.pop_front();
  track.highest_since = std::max(track.highest_since, track.level);
  if (track.level < track.best) {
    track.best = track.highest_since = track.level;
    track.best_step = before;  // the middle of the three
    track.points_at_best = track.points;
    track.risen_points = 0;
  }
  Observation now{.first_step = step, .step = step, .onset = track.best_step};
  now.is_breached = track.has_risen();
  if (now.is_breached && ++track.risen_points == kPolicy.breaches) track.risen_at = step;
  now.is_clear = track.rise() < kRisenEnds;
  track.breach.Observe(now);
}

void Overfitting::AddTraining(const std::string& tag, Step step, double value) {
  training_[tag].Add(step, value);
}

void Overfitting::AddQuality(const std::string& tag, Step step, double value) {
  quality_[tag].Add(step, value);
}

const Overfitting::Series::value_type* Overfitting::Training() const {
  const auto longest = std::max_element(
      training_.begin(), training_.end(),
      [](const auto& a, const auto& b) { return a.second.points() < b.second.points(); });
  return longest == training_.end() ? nullptr : &*longest;
}

std::optional<Overfitting::Change> Overfitting::TrainingSinceBest(const Track& track) const {
  const auto* training = Training();
  if (training == nullptr) return std::nullopt;
  const BlockMeans& blocks = training->second;
  return Change{training->first, LevelBy(blocks, track.best_step), LevelBy(blocks, track.step)};
}

// It is as high as the training loss was before anything was learned.
bool Overfitting::HasNeverFollowed(const Track& track) const {
  const auto* training = Training();
  if (training == nullptr || track.points < kPointsMin) return false;
  const double began = training->second.mean().front();
  return track.best >= kAsAtFirst * began &&
         LevelBy(training->second, track.step) <= kTrainingLearned * began;
}

// A model that answers C classes alike has a loss of ln C, as the first of training is, and is
// right once in C times. To be right as often as that is nothing that a rising loss could spoil.
bool Overfitting::IsOfChance(const Change& quality) const {
  const auto* training = Training();
  if (training == nullptr || !IsAccuracy(quality.tag)) return false;
  const double began = training->second.mean().front();
  return began >= kLossOfChanceMin && ShareOf(quality.now) <= kNearChance * std::exp(-began);
}

std::optional<Overfitting::Change> Overfitting::QualityKept(const Track& track) const {
  for (const auto& [tag, blocks] : quality_) {
    if (blocks.points() != track.points) continue;  // of other data, or at other times
    const Change change{tag, LevelBy(blocks, track.best_step), LevelBy(blocks, track.step)};
    const bool is_kept = track.rise() < kRisenFar ? change.now >= kQualityKept * change.then
                                                  : HasGained(change.then, change.now);
    if (is_kept && !IsOfChance(change)) return change;
  }
  return std::nullopt;
}

Finding Overfitting::ReportRise(const std::string& tag, const Track& track) const {
  const auto training = TrainingSinceBest(track);
  const auto kept = QualityKept(track);
  Finding finding;
  finding.severity = kept ? Severity::kInfo : Severity::kWarning;
  finding.onset_step = track.best_step;
  finding.detected_step = track.risen_at;
  finding.value = track.rise();
  finding.threshold = kRisen;
  finding.title = StrCat(Excerpt(tag), " has risen by ", Percent(track.rise() - 1),
                         " since its best at step ", Thousands(track.best_step));
  finding.summary =
      StrCat("Its best level, the median of three points, was ", Number(track.best), " at step ",
             Thousands(track.best_step), "; as of step ", Thousands(track.step), " it is ",
             Number(track.level), ". ",
             training ? StrCat("Meanwhile ", Excerpt(training->tag), " went from ",
                               Number(training->then), " to ", Number(training->now), ". ")
                      : std::string("No training loss is logged in this run to compare it with. "),
             "The alarm is at ", Number(kRisen), " times the best.");
  finding.cause =
      "The model learns its training data by heart: what it learned since then does not hold for "
      "other data.";
  if (kept) {
    finding.cause += StrCat(" But ", Excerpt(kept->tag), " went from ", Number(kept->then), " to ",
                            Number(kept->now),
                            ": it is right as often, and only too sure of itself where it is not.");
  }
  finding.advice = StrCat(
      kept ? "If probabilities matter, use" : "Use", " the checkpoint of about step ",
      Thousands(track.best_step),
      ", and stop there next time. More data or augmentation, dropout, weight decay or a smaller "
      "model put it off.");
  AddEvidence(tag, track, &finding);
  finding.evidence[0].has_threshold = true;
  finding.evidence[0].threshold = kRisen * track.best;
  return finding;
}

Finding Overfitting::ReportOnAllData(const std::string& tag, const Track& track,
                                     const Change& training, Finding finding) {
  finding.entity = ToValidUtf8(tag);
  finding.detected_step = std::max(track.risen_at, finding.onset_step);
  finding.value = track.rise();
  finding.title =
      StrCat(Excerpt(tag), " has risen by ", Percent(track.rise() - 1), " since its best at step ",
             Thousands(track.best_step), ", and so has ", Excerpt(training.tag));
  finding.summary = StrCat("Its best level, the median of three points, was ", Number(track.best),
                           "; as of step ", Thousands(track.step), " it is ", Number(track.level),
                           ". ", Excerpt(training.tag), " went from ", Number(training.then),
                           " to ", Number(training.now), ". The alarm is at ", Number(kWorse),
                           " times of both, while a learning rate is higher than it ever was.");
  finding.evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", false));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kWorse * track.best;
  return finding;
}

Finding Overfitting::ReportNeverFollowed(const std::string& tag, const Track& track) const {
  const auto& [training_tag, training] = *Training();
  const std::string fall =
      StrCat(Excerpt(training_tag), " fell from ", Number(training.mean().front()), " to ",
             Number(LevelBy(training, track.step)));
  Finding finding;
  finding.severity = Severity::kWarning;
  finding.onset_step = track.first_step;
  finding.detected_step = track.enough_at;
  finding.value = track.best / training.mean().front();
  finding.threshold = kAsAtFirst;
  finding.title = StrCat(Excerpt(tag), " has not come down while ", fall);
  finding.summary =
      StrCat("Its best level, the median of three points, was ", Number(track.best), " at step ",
             Thousands(track.best_step), ", and as of step ", Thousands(track.step), " it is ",
             Number(track.level), ": what a model has that has learned nothing. ", fall, ".");
  finding.cause =
      "Either the held-out data are measured otherwise than the model is trained: batch "
      "normalisation in evaluation mode with statistics that do not fit, inputs that are prepared "
      "differently, labels in another order, weights that are not the ones in training. Or the "
      "training labels say nothing about the inputs, and the model learns them by heart.";
  finding.advice =
      "Measure this loss on a batch of the training data, in evaluation mode: where it is high "
      "there too, the measuring is at fault; where it is low, look at the labels.";
  AddEvidence(tag, track, &finding);
  return finding;
}

void Overfitting::AddEvidence(const std::string& tag, const Track& track, Finding* finding) const {
  finding->rule = "overfitting";
  finding->entity = ToValidUtf8(tag);
  finding->evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", false));
  const auto* training = Training();
  if (training == nullptr) return;
  store::EvidenceSeries series;
  series.label = Excerpt(training->first);
  series.unit = "value";
  series.step = training->second.step();
  series.value = training->second.mean();
  finding->evidence.push_back(std::move(series));
}

void Overfitting::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto say = [diagnosis](Check::State state, std::string reason) {
    diagnosis->checks.push_back({"overfitting", "", state, std::move(reason)});
  };
  if (!context.moving_target.empty()) {
    return say(Check::State::kNotChecked, StrCat("the run logs ", Excerpt(context.moving_target),
                                                 ": where what is learned moves, a loss may grow"));
  }
  // The one that rose farthest, or the one of which most is known.
  const auto told =
      std::max_element(held_out_.begin(), held_out_.end(), [](const auto& a, const auto& b) {
        const auto rank = [](const Track& track) {
          return std::tuple(track.is_high(), track.is_high() ? track.rise() : 0, track.points);
        };
        return rank(a.second) < rank(b.second);
      });
  if (told == held_out_.end()) {
    return say(Check::State::kNotChecked,
               "no loss of held-out data is logged: a tag such as val_loss or eval/loss");
  }
  const auto& [tag, track] = *told;
  const std::string name = Excerpt(tag);
  if (!track.is_positive) return say(Check::State::kNotChecked, name + " is not always above 0");
  if (!track.is_high() && HasNeverFollowed(track)) {
    diagnosis->findings.push_back(ReportNeverFollowed(tag, track));
    return say(Check::State::kFired, name + " has not come down");
  }
  if (!track.is_high()) {
    if (track.points < kPointsMin) {
      return say(Check::State::kWarming,
                 StrCat(name, " has ", track.points, " of ", kPointsMin, " points"));
    }
    return say(Check::State::kOk, StrCat(name, " is at ", Number(track.level),
                                         "; its best level was ", Number(track.best)));
  }
  if (const auto training = TrainingSinceBest(track);
      training && training->now > kTrainingRose * training->then) {
    const auto rate = FindHigherRate(context, track.best_step);
    const bool is_told = std::any_of(
        diagnosis->findings.begin(), diagnosis->findings.end(),
        [](const Finding& finding) { return finding.rule == "loss_growth" && finding.is_open; });
    const bool is_worse = track.rise() >= kWorse && training->now >= kWorse * training->then;
    if (rate && is_worse && !is_told) {
      diagnosis->findings.push_back(ReportOnAllData(tag, track, *training, ReportWorse(*rate)));
    }
    return say(Check::State::kOk, StrCat(name, " has risen, but so has ", Excerpt(training->tag)));
  }
  diagnosis->findings.push_back(ReportRise(tag, track));
  say(Check::State::kFired, StrCat(name, " is ", Number(track.rise()), " times its best"));
}

}  // namespace spirogram::diagnosis
