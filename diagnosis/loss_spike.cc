#include "diagnosis/loss_spike.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr size_t kPointsUsual = 64;
constexpr size_t kPointsMin = 40;
constexpr double kTimes = 3;         // the median of these points
constexpr double kTimesHighest = 2;  // and of any of them: heavy tails have high points themselves
constexpr double kSpreads = 8;       // in logarithms
constexpr double kSpreadMin = 0.05;
constexpr double kMadToSigma = 1.4826;  // of a normal distribution
constexpr int64_t kPointsOfSpike = 20;  // one that lasts longer is a new level
constexpr int64_t kPointsBack = 3;      // a level that scatters comes down for one

double Highest(const std::deque<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

}  // namespace

std::optional<LossSpike::Spike> LossSpike::Begins(const Track& track, Step step, double value) {
  if (track.recent.size() < kPointsMin || value < kTimesHighest * Highest(track.recent)) {
    return std::nullopt;
  }
  const double usual = Median({track.recent.begin(), track.recent.end()});
  std::vector<double> distances;
  distances.reserve(track.recent.size());
  for (const double one : track.recent) distances.push_back(std::abs(std::log(one / usual)));
  const double spread = std::max(kSpreadMin, kMadToSigma * Median(std::move(distances)));
  if (value < kTimes * usual || std::log(value / usual) < kSpreads * spread) return std::nullopt;
  return Spike{step, step, usual, value, 0, 0};
}

void LossSpike::Add(const std::string& tag, Step step, double value) {
  Track& track = tracks_[tag];
  track.history.Add(step, value);
  if (!(value > 0)) return;
  if (!track.now) track.now = Begins(track, step, value);
  if (track.now) {
    Spike& now = *track.now;
    now.value = std::max(now.value, value);
    now.points_back = value > Highest(track.recent) ? 0 : now.points_back + 1;
    if (now.points_back == 1) now.back = step;
    const bool is_new_level = ++now.points >= kPointsOfSpike;
    if (now.points_back < kPointsBack && !is_new_level) return;
    if (is_new_level) {
      track.recent.clear();
    } else {
      if (track.spikes++ == 0) track.told_at = step;
      if (!track.largest || now.times() > track.largest->times()) track.largest = now;
    }
    track.now.reset();
  }
  track.recent.push_back(value);
  if (track.recent.size() > kPointsUsual) track.recent.pop_front();
}

Finding LossSpike::Report(const Tracks::value_type& spiky) {
  const auto& [tag, track] = spiky;
  const std::string name = Excerpt(tag);
  const Spike& spike = *track.largest;
  Finding finding;
  finding.rule = "loss_spike";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kInfo;
  finding.is_open = false;
  finding.onset_step = spike.step;
  finding.detected_step = track.told_at;
  finding.closed_step = spike.back;
  finding.value = spike.times();
  finding.threshold = kTimes;
  finding.affected = track.spikes;
  finding.title =
      StrCat(name, " jumped to ", Number(spike.value), " at step ", Thousands(spike.step), ", ",
             Number(spike.times()), " times its level, and came back");
  finding.summary = StrCat(
      "The median of up to ", kPointsUsual, " points before was ", Number(spike.usual),
      "; by step ", Thousands(spike.back), " it was among them again. ",
      track.spikes > 1 ? StrCat("It is the largest of ", Thousands(track.spikes), " such spikes. ")
                       : std::string(),
      "This is told of ", Number(kTimes), " times the level, ", Number(kTimesHighest),
      " times the highest of these points and ", Number(kSpreads), " times their spread.");
  finding.cause =
      "A batch that is unlike the others (broken samples, wrong labels, inputs of another scale), "
      "or a step that was too large. Once is harmless; where spikes become more or higher, they "
      "come before a divergence.";
  finding.advice =
      "Look at the batches of these steps. Clip gradients, or lower the learning rate, where the "
      "data are as they should be.";
  finding.evidence.push_back(track.history.ToEvidence(name, "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kTimes * spike.usual;
  return finding;
}

void LossSpike::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto say = [diagnosis](Check::State state, std::string reason) {
    diagnosis->checks.push_back({"loss_spike", "", state, std::move(reason)});
  };
  if (tracks_.empty()) {
    return say(Check::State::kNotChecked,
               "no training loss is logged: a tag such as loss, train/loss or total_loss");
  }
  if (!context.moving_target.empty()) {
    return say(Check::State::kNotChecked, StrCat("the run logs ", Excerpt(context.moving_target),
                                                 ": where what is learned moves, a loss may jump"));
  }
  if (std::any_of(diagnosis->findings.begin(), diagnosis->findings.end(), [](const auto& finding) {
        return finding.rule == "loss_growth" && finding.is_open;
      })) {
    return say(Check::State::kNotChecked, "a training loss has risen for good: see loss_growth");
  }
  const Tracks::value_type* spiky = nullptr;
  for (const auto& entry : tracks_) {
    const auto& largest = entry.second.largest;
    if (!largest) continue;
    if (spiky == nullptr || largest->times() > spiky->second.largest->times()) spiky = &entry;
  }
  if (spiky != nullptr) {
    diagnosis->findings.push_back(Report(*spiky));
    return say(Check::State::kFired, Excerpt(spiky->first) + " jumped and came back");
  }
  const bool is_enough = std::any_of(tracks_.begin(), tracks_.end(), [](const auto& entry) {
    return entry.second.recent.size() > kPointsMin;
  });
  say(is_enough ? Check::State::kOk : Check::State::kWarming,
      is_enough ? std::string("no point is far above those before")
                : StrCat("no training loss has more than ", kPointsMin, " points"));
}

}  // namespace spirogram::diagnosis
