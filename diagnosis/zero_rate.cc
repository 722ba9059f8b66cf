#include "diagnosis/zero_rate.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

// As many points it is above 0 before, and 0 after: a delayed start is no end.
constexpr int64_t kPoints = 20;
constexpr Step kSteps = 200;
// Of all its steps: longer than any cooldown that schedules have on purpose.
constexpr double kShare = 0.2;
// Of the highest: a million steps at it do what one did there, and float32 rounds them away.
constexpr double kNothing = 1e-6;

// Steps may be as far apart as their type allows.
double Distance(Step from, Step to) {
  return static_cast<double>(to) - static_cast<double>(from);
}

}  // namespace

bool ZeroRate::Watches(std::string_view tag) {
  return tag.starts_with("learning_rate/") || IsLearningRate(tag);
}

void ZeroRate::Add(const std::string& tag, Step step, double mean, double max) {
  Track& track = tracks_[tag];
  if (track.blocks.points() == 0) track.first = step;
  track.blocks.Add(step, mean);
  const bool was_spent = track.IsSpent();
  track.last = step;
  track.latest = mean;
  track.highest = std::max(track.highest, max);
  if (max > kNothing * track.highest) {
    ++track.positive_points;
    track.zero_points = 0;
    track.highest_at_end = 0;
  } else {
    if (track.zero_points++ == 0) track.zero_from = step;
    track.highest_at_end = std::max(track.highest_at_end, max);
  }
  if (track.IsSpent() && !was_spent) track.spent_from = step;
}

double ZeroRate::Track::ZeroShare() const {
  return zero_points > 1 ? Distance(zero_from, last) / Distance(first, last) : 0;
}

bool ZeroRate::Track::IsSpent() const {
  return positive_points >= kPoints && zero_points >= kPoints &&
         Distance(first, zero_from) >= kSteps && Distance(zero_from, last) >= kSteps &&
         ZeroShare() >= kShare;
}

Finding ZeroRate::Report(const Tracks::value_type& spent) {
  const auto& [tag, track] = spent;
  const std::string name = Excerpt(tag);
  Finding finding;
  finding.rule = "zero_rate";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kWarning;
  finding.onset_step = track.zero_from;
  finding.detected_step = track.spent_from;
  finding.value = track.ZeroShare();
  finding.threshold = kShare;
  const bool is_exact = track.highest_at_end == 0;
  finding.title = StrCat("the learning rate has been ", is_exact ? "0" : "next to 0",
                         " since step ", Thousands(track.zero_from));
  finding.summary = StrCat(
      name, is_exact ? " is exactly 0" : StrCat(" is at most ", Number(track.highest_at_end)),
      " at its last ", Thousands(track.zero_points), " points, ",
      StepRange(track.zero_from, track.last), ": ", Percent(finding.value),
      " of the run. Before that it was up to ", Number(track.highest),
      is_exact ? ". Steps at a rate of 0 change no weight."
               : ". Steps at less than a millionth of that change no weight by anything.",
      " The alarm is at ", Percent(kShare), " of the run.");
  finding.cause =
      "A schedule that ends before the training does: made for fewer steps than are taken, stepped "
      "more than once a step, or left where it ended when the run was extended or resumed.";
  finding.advice =
      "Make the schedule as long as the training, give it a floor above 0, or end the run where "
      "the schedule ends: what follows takes time and trains nothing.";
  store::EvidenceSeries rates;
  rates.label = name;
  rates.unit = "learning rate";
  rates.step = track.blocks.step();
  rates.value = track.blocks.mean();
  finding.evidence.push_back(std::move(rates));
  return finding;
}

void ZeroRate::Conclude(store::Diagnosis* diagnosis) const {
  Check check{"zero_rate", "", Check::State::kNotChecked,
              "no learning rate is logged: a tag such as lr or learning_rate"};
  // One group of parameters may rest while another learns: all that ever learned have to be at 0.
  const Tracks::value_type* spent = nullptr;
  for (const auto& entry : tracks_) {
    const Track& track = entry.second;
    if (check.state == Check::State::kNotChecked) {
      check.state = track.positive_points + track.zero_points < kPoints ? Check::State::kWarming
                                                                        : Check::State::kOk;
      check.reason = StrCat(Excerpt(entry.first), " is ", Number(track.latest));
    }
    if (track.positive_points == 0) continue;
    if (!track.IsSpent()) {
      spent = nullptr;
      break;
    }
    const bool is_later = spent != nullptr && spent->second.zero_from < track.zero_from;
    if (spent == nullptr || is_later) spent = &entry;
  }
  if (spent != nullptr) {
    check.state = Check::State::kFired;
    diagnosis->findings.push_back(Report(*spent));
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
