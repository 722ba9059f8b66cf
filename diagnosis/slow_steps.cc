#include "diagnosis/slow_steps.h"

#include <algorithm>
#include <cmath>
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

constexpr size_t kLatest = 20;
constexpr int64_t kPointsMin = 3 * static_cast<int64_t>(kLatest);
constexpr double kSlower = 1.5;  // times what was usual
// An alarm: what takes its cores from a training, a build or a browser, is over sooner.
constexpr double kTwice = 2;
constexpr double kLastingS = 300;
// Of all points: a neighbour on the machine, or a slow part of the data, is over sooner.
constexpr double kShare = 0.1;
// The distance of two medians, in standard errors: lengths of sequences differ by themselves.
constexpr double kErrors = 6;
constexpr double kMadToSigma = 1.4826;    // of a normal distribution
constexpr double kMedianToMean = 1.2533;  // the standard error of its median, against its mean's
constexpr double kFallsMin = 0.1;         // of the points of a time that does not add up

}  // namespace

bool SlowSteps::Watches(std::string_view tag) {
  return IsStepTime(tag) || IsStepRate(tag);
}

bool SlowSteps::Track::IsJudged() const {
  return points >= kPointsMin &&
         static_cast<double>(falls) >= kFallsMin * static_cast<double>(points);
}

bool SlowSteps::Track::IsBeyondScatter(double usual) const {
  std::vector<double> distances;
  distances.reserve(latest.size());
  for (const double one : latest) distances.push_back(std::abs(std::log(one / level)));
  const double error = kMedianToMean * kMadToSigma * Median(std::move(distances)) *
                       std::sqrt(2.0 / static_cast<double>(kLatest));
  return std::log(level / usual) >= kErrors * error;
}

double SlowSteps::Track::Usual() const {
  std::vector<double> before;
  for (size_t i = 0; i < blocks.step().size() && blocks.step()[i] < slow_since; ++i) {
    before.push_back(is_rate ? 1 / blocks.mean()[i] : blocks.mean()[i]);
  }
  return Median(std::move(before));
}

bool SlowSteps::Track::IsSlow() const {
  if (!IsJudged() || slow_points < static_cast<int64_t>(kLatest)) return false;
  if (static_cast<double>(slow_points) < kShare * static_cast<double>(points)) return false;
  const double usual = Usual();
  return level >= kSlower * usual && IsBeyondScatter(usual);
}

bool SlowSteps::Track::IsLasting() const {
  return latest_time - slow_since_time >= kLastingS;
}

void SlowSteps::Add(const std::string& tag, Step step, WallTime wall_time, double value) {
  if (!(value > 0)) return;
  Track& track = tracks_[tag];
  track.is_rate = IsStepRate(tag);
  const double time = track.is_rate ? 1 / value : value;
  ++track.points;
  if (time < track.previous && track.points > 1) ++track.falls;
  track.previous = time;
  track.latest_time = wall_time;
  track.blocks.Add(step, value);
  track.latest.push_back(time);
  track.latest_steps.push_back(step);
  if (track.latest.size() < kLatest) return;
  if (track.latest.size() > kLatest) {
    track.latest.pop_front();
    track.latest_steps.pop_front();
  }
  track.level = Median({track.latest.begin(), track.latest.end()});
  track.best = std::min(track.best, track.level);
  if (track.level < kSlower * track.best) {
    track.slow_points = 0;
    return;
  }
  // The upper median is slow once the later half of the points is.
  if (track.slow_points++ == 0) {
    track.slow_since = track.latest_steps[kLatest / 2];
    track.slow_since_time = wall_time;
  }
  if (track.slow_points == static_cast<int64_t>(kLatest)) track.told_at = step;
}

Finding SlowSteps::Report(const Tracks::value_type& slow) {
  const auto& [tag, track] = slow;
  const std::string name = Excerpt(tag);
  const auto as_logged = [is_rate = track.is_rate](double time) {
    return is_rate ? 1 / time : time;
  };
  const double usual = track.Usual();
  Finding finding;
  finding.rule = "slow_steps";
  finding.entity = ToValidUtf8(tag);
  finding.value = track.level / usual;
  finding.threshold = kSlower;
  const bool is_alarm = finding.value >= kTwice && track.IsLasting();
  finding.severity = is_alarm ? Severity::kWarning : Severity::kInfo;
  finding.onset_step = track.slow_since;
  finding.detected_step = track.told_at;
  finding.title = StrCat("steps take ", Number(finding.value), " times as long since step ",
                         Thousands(track.slow_since));
  finding.summary =
      StrCat("The median of ", name, " was ", Number(as_logged(usual)), " before step ",
             Thousands(track.slow_since), "; of the last ", kLatest, " points it is ",
             Number(as_logged(track.level)), ". It has been so for ", Thousands(track.slow_points),
             " points of ", Thousands(track.points), ". This is told from ", Number(kSlower),
             " times as long on, as an alarm from ", Number(kTwice), " times, once it has lasted ",
             Number(kLastingS / 60), " minutes.");
  finding.cause =
      "Other programs on the machine or the device, a device that is too hot or limited in power, "
      "a loader or a disk that does not keep up, memory that is swapped, more logging or copies "
      "to the host than before, or batches that are larger on purpose.";
  finding.advice =
      "Compare a trace of a few steps with one of before, and look at the clocks, the memory and "
      "the load of the machine since then.";
  store::EvidenceSeries series;
  series.label = name;
  series.unit = track.is_rate ? "per second" : "time of a step";
  series.step = track.blocks.step();
  series.value = track.blocks.mean();
  series.has_threshold = true;
  series.threshold = as_logged(kSlower * usual);
  finding.evidence.push_back(std::move(series));
  return finding;
}

void SlowSteps::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto say = [diagnosis](Check::State state, std::string reason) {
    diagnosis->checks.push_back({"slow_steps", "", state, std::move(reason)});
  };
  if (tracks_.empty()) {
    return say(Check::State::kNotChecked,
               "no time or rate of steps is logged: a tag such as step_time or samples_per_second");
  }
  if (!context.moving_target.empty()) {
    return say(Check::State::kNotChecked, StrCat("the run logs ", Excerpt(context.moving_target),
                                                 ": a step may take longer once learning begins"));
  }
  const auto is_slow = [](const auto& entry) { return entry.second.IsSlow(); };
  const auto slow = std::find_if(tracks_.begin(), tracks_.end(), is_slow);
  const auto& [tag, track] = slow == tracks_.end() ? *tracks_.begin() : *slow;
  const std::string name = Excerpt(tag);
  if (track.points < kPointsMin) {
    return say(Check::State::kWarming,
               StrCat(name, " has ", track.points, " of ", kPointsMin, " points"));
  }
  if (slow == tracks_.end()) {
    return say(Check::State::kOk,
               track.IsJudged() ? StrCat(name, " is as it was") : name + " adds up");
  }
  if (std::any_of(diagnosis->findings.begin(), diagnosis->findings.end(),
                  [](const Finding& finding) { return finding.rule == "input_wait"; })) {
    return say(Check::State::kOk, "steps wait for their data: see input_wait");
  }
  diagnosis->findings.push_back(Report(*slow));
  say(Check::State::kFired, StrCat(name, " shows steps that take longer than they did"));
}

}  // namespace spirogram::diagnosis
