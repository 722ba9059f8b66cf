#include "diagnosis/input_wait.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr int64_t kPoints = 20;
constexpr double kShare = 0.3;
constexpr double kShareBefore = 0.2;  // below this it had not begun

std::string_view FolderOf(std::string_view tag) {
  const size_t slash = tag.rfind('/');
  return slash == std::string_view::npos ? "" : tag.substr(0, slash);
}

double LevelOf(const std::deque<double>& latest) {
  return Median({latest.begin(), latest.end()});
}

}  // namespace

bool InputWait::Watches(std::string_view tag) {
  return IsWaitForData(tag) || IsStepTime(tag);
}

void InputWait::Add(const std::string& tag, Step step, double value) {
  Track& track = (IsWaitForData(tag) ? waits_ : step_times_)[tag];
  track.step = step;
  track.latest.push_back(value);
  if (std::ssize(track.latest) > kPoints) track.latest.pop_front();
  track.blocks.Add(step, value);
}

const InputWait::Tracks::value_type* InputWait::StepTimeOf(const Tracks::value_type& wait) const {
  for (const auto& entry : step_times_) {
    const bool is_beside = FolderOf(entry.first) == FolderOf(wait.first);
    const bool is_of_same_steps = entry.second.blocks.step() == wait.second.blocks.step() &&
                                  entry.second.step == wait.second.step;
    if (is_beside && is_of_same_steps) return &entry;
  }
  return nullptr;
}

Finding InputWait::Report(const Tracks::value_type& wait, const Tracks::value_type& whole) const {
  const std::string wait_tag = Excerpt(wait.first);
  const std::string whole_tag = Excerpt(whole.first);
  const double waited = LevelOf(wait.second.latest);
  const double took = LevelOf(whole.second.latest);
  store::EvidenceSeries shares;
  shares.label = StrCat(wait_tag, " / ", whole_tag);
  shares.unit = "share of the step";
  shares.has_threshold = true;
  shares.threshold = kShare;
  shares.step = wait.second.blocks.step();
  size_t begin = 0;  // of the blocks in which it waits
  for (size_t i = 0; i < shares.step.size(); ++i) {
    const double step_time = whole.second.blocks.mean()[i];
    shares.value.push_back(step_time > 0 ? wait.second.blocks.mean()[i] / step_time : 0);
    if (shares.value.back() < kShareBefore) begin = std::min(i + 1, shares.step.size() - 1);
  }
  Finding finding;
  finding.rule = "input_wait";
  finding.entity = ToValidUtf8(wait.first);
  finding.severity = Severity::kWarning;
  finding.onset_step = shares.step[begin];
  const size_t certain = begin + static_cast<size_t>(kPoints / 2);
  finding.detected_step = certain < shares.step.size() ? shares.step[certain] : wait.second.step;
  finding.value = waited / took;
  finding.threshold = kShare;
  finding.title = StrCat("steps wait for data in ", Percent(finding.value), " of their time");
  finding.summary =
      StrCat("Of the last ", kPoints, " points the median of ", wait_tag, " is ", Number(waited),
             " and that of ", whole_tag, " ", Number(took),
             begin == 0 ? ". It has been so from the start."
                        : StrCat(", since step ", Thousands(finding.onset_step),
                                 "; before that it was ", Percent(shares.value[begin - 1]), "."),
             " The alarm is at ", Percent(kShare), ".");
  finding.cause =
      "Data come more slowly than the model takes them: too few workers that load them, decoding "
      "or augmentation on the way, a slow disk or network, or a machine that does other things.";
  finding.advice =
      "More loader workers and prefetching, pinned memory, files that are packed or decoded "
      "beforehand; a trace of a few steps shows which part is slow.";
  finding.evidence.push_back(std::move(shares));
  return finding;
}

void InputWait::Conclude(store::Diagnosis* diagnosis) const {
  Check check{"input_wait", "", Check::State::kNotChecked,
              "no times of waiting for data and of whole steps are logged: data_time and time"};
  for (const auto& wait : waits_) {
    const auto* whole = StepTimeOf(wait);
    if (whole == nullptr) continue;
    const std::string name = Excerpt(wait.first);
    const Track& track = wait.second;
    check.state = Check::State::kWarming;
    check.reason = StrCat(name, " has ", track.latest.size(), " of ", kPoints, " points");
    if (std::ssize(track.latest) < kPoints || std::ssize(whole->second.latest) < kPoints) break;
    const double waited = LevelOf(track.latest);
    const double took = LevelOf(whole->second.latest);
    const double share = waited / took;
    check.state = Check::State::kOk;
    check.reason = StrCat(name, " is ", Percent(share), " of ", Excerpt(whole->first));
    // A wait that is longer than the step is not a part of what the other tag measures.
    if (!(share >= kShare && share <= 1)) break;
    check.state = Check::State::kFired;
    diagnosis->findings.push_back(Report(wait, *whole));
    break;
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
