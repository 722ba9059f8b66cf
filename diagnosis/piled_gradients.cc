#include "diagnosis/piled_gradients.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/str.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr int64_t kPointsMin = 40;
constexpr size_t kLatest = 20;
constexpr double kGrown = 10;      // times the first
constexpr int64_t kEarly = 10;     // points, by which
constexpr double kGrownEarly = 3;  // it was so many times the first: a sum grows from the start
constexpr double kSmooth = 1.1;    // one point against the one before
constexpr double kKept = 0.5;      // of the highest
// Against half of the points: a sum grows twice or, where what is added grows too, a little more.
// An exponential growth that has come to ten times is above this at each point of its way.
constexpr double kGrowthOfSum = 3;

}  // namespace

void PiledGradients::Add(const std::string& tag, Step step, double value) {
  Track& track = tracks_[tag];
  if (track.blocks.points() == 0) track.first = value;
  track.highest = std::max(track.highest, value);
  track.latest.push_back(value);
  if (track.latest.size() > kLatest) track.latest.pop_front();
  track.blocks.Add(step, value);
  if (track.blocks.points() == kEarly) track.early = value;
  const bool is_piled = track.IsPiled();
  if (is_piled && !track.was_piled) track.piled_since = step;
  track.was_piled = is_piled;
}

double PiledGradients::Track::AtHalf() const {
  return blocks.mean()[blocks.mean().size() / 2];
}

bool PiledGradients::Track::IsPiled() const {
  if (blocks.points() < kPointsMin || !(first > 0)) return false;
  if (early < kGrownEarly * first) return false;
  if (factor() < kGrown || latest.back() < kKept * highest) return false;
  if (latest.back() > kGrowthOfSum * AtHalf()) return false;
  for (size_t i = 1; i < latest.size(); ++i) {
    const double ratio = latest[i] / latest[i - 1];
    if (!(ratio <= kSmooth && ratio >= 1 / kSmooth)) return false;
  }
  return true;
}

Finding PiledGradients::Report(const Tracks::value_type& piled) {
  const auto& [tag, track] = piled;
  const std::string name = Excerpt(tag);
  Finding finding;
  finding.rule = "piled_gradients";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kWarning;
  finding.onset_step = track.blocks.step().front();
  finding.detected_step = track.piled_since;
  finding.value = track.factor();
  finding.threshold = kGrown;
  finding.title = StrCat(name, " is ", Number(track.factor()), " times what it began with and ",
                         "hardly differs from step to step");
  finding.summary = StrCat(
      "It began at ", Number(track.first), ", was ", Number(track.AtHalf()),
      " at half of the points and is ", Number(track.latest.back()), ". None of the last ",
      Thousands(std::ssize(track.latest)), " points is more than ", Percent(kSmooth - 1),
      " off the one before, where the norms of single batches scatter far more. The alarm is at ",
      Number(kGrown), " times the first.");
  finding.cause =
      "Gradients are added to those of all steps before: nothing clears them, or the optimizer "
      "that clears them holds other parameters than those that get them.";
  finding.advice =
      "Call zero_grad() of the model, or of the optimizer that holds all of its parameters, once "
      "before each backward(); where gradients are accumulated on purpose, after each step().";
  store::EvidenceSeries series;
  series.label = name;
  series.unit = "norm";
  series.step = track.blocks.step();
  series.value = track.blocks.mean();
  series.has_threshold = true;
  series.threshold = kGrown * track.first;
  finding.evidence.push_back(std::move(series));
  return finding;
}

void PiledGradients::Conclude(store::Diagnosis* diagnosis) const {
  Check check{"piled_gradients", "", Check::State::kNotChecked,
              "no gradient norm is logged: a tag such as grad_norm"};
  const Tracks::value_type* piled = nullptr;
  for (const auto& entry : tracks_) {
    const Track& track = entry.second;
    const bool is_enough = track.blocks.points() >= kPointsMin;
    if (check.state != Check::State::kOk) {
      check.state = is_enough ? Check::State::kOk : Check::State::kWarming;
      check.reason = is_enough ? StrCat(Excerpt(entry.first), " began at ", Number(track.first),
                                        " and is at ", Number(track.latest.back()))
                               : StrCat(Excerpt(entry.first), " has ", track.blocks.points(),
                                        " of ", kPointsMin, " points");
    }
    const bool is_larger = piled == nullptr || track.factor() > piled->second.factor();
    if (track.IsPiled() && is_larger) piled = &entry;
  }
  if (piled != nullptr) {
    check.state = Check::State::kFired;
    check.reason = StrCat(Excerpt(piled->first), " grows as a sum of gradients does");
    diagnosis->findings.push_back(Report(*piled));
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
