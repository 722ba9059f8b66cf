#include "diagnosis/non_finite.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "base/str.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr double kDiverged = 10;
constexpr size_t kPointsOfStart = 10;

store::EvidenceSeries FiniteValues(const std::string& tag, const History& history) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  size_t positive = 0;
  for (const double value : history.value()) {
    if (value <= 0) continue;
    low = std::min(low, value);
    high = std::max(high, value);
    ++positive;
  }
  // A zero among values that grow by decades is no reason to draw them as a flat line and a spike.
  const size_t others = history.value().size() - positive;
  const bool is_log = positive >= 10 * others && high > 100 * low;
  const char* what = is_log && others > 0 ? "finite values above 0 of " : "finite values of ";
  return history.ToEvidence(StrCat(what, Excerpt(tag)), "value", is_log);
}

}  // namespace

bool NonFinite::Watches(std::string_view tag) {
  return IsLoss(tag) || IsGradientNorm(tag);
}

bool NonFinite::Track::has_diverged() const {
  return std::abs(last_finite) > kDiverged * std::abs(first_finite);
}

void NonFinite::Add(const std::string& tag, const store::ScalarRows& rows, size_t i) {
  Track& track = tracks_[tag];
  track.is_loss = IsLoss(tag);
  const auto count = static_cast<int64_t>(rows.count[i]);
  const auto lost = static_cast<int64_t>(rows.nonfinite[i]);
  if (lost < count) {
    // Where a row stands for several points, which of them were lost is not known: the last ones.
    if (track.streak.points > 0 && track.streak.sure >= track.longest.sure) {
      track.longest = track.streak;
      track.over_at = rows.step[i];
    }
    track.streak = {};
    if (std::isnan(track.first_finite)) track.first_finite = rows.mean[i];
    track.last_finite = rows.mean[i];
    track.last_finite_step = rows.step[i];
    track.history.Add(rows.step[i], rows.mean[i]);
  }
  if (lost > 0) {
    if (track.streak.points == 0) {
      const bool is_one_point = count == 1 || track.step == kNever;
      track.streak.since = is_one_point ? rows.step[i] : track.step + 1;
    }
    track.streak.points += lost;
    track.streak.sure += lost < count ? 1 : lost;
    track.streak.last = rows.step[i];
  }
  track.step = rows.step[i];
}

std::string NonFinite::DescribeOthers(const std::string& tag) const {
  constexpr int kNamed = 3;
  int others = 0;
  std::string text;
  for (const auto& [name, track] : tracks_) {
    if (name == tag || !track.is_open()) continue;
    if (++others > kNamed) continue;
    text += StrCat(others == 1 ? " So are " : ", ", Excerpt(name), " (since step ",
                   Thousands(track.streak.since), ")");
  }
  if (others > kNamed) text += StrCat(" and ", others - kNamed, " more");
  return others == 0 ? " All other losses and gradient norms are finite." : text + ".";
}

bool NonFinite::IsFatal(const Track& track) const {
  return track.was_finite() || std::none_of(tracks_.begin(), tracks_.end(), [](const auto& entry) {
           return entry.second.is_loss && entry.second.streak.points == 0;
         });
}

Finding NonFinite::Report(const std::string& tag, const Track& track) const {
  Finding finding;
  finding.rule = "non_finite";
  finding.entity = ToValidUtf8(tag);
  finding.severity = IsFatal(track) ? Severity::kCritical : Severity::kWarning;
  finding.onset_step = track.streak.since;
  finding.detected_step = track.streak.since;
  finding.affected = std::count_if(tracks_.begin(), tracks_.end(),
                                   [](const auto& entry) { return entry.second.is_open(); });
  finding.total = static_cast<int64_t>(tracks_.size());
  finding.value = static_cast<double>(track.streak.points);
  finding.threshold = static_cast<double>(track.needed());
  finding.title = StrCat(Excerpt(tag), " is NaN or Inf");
  finding.summary =
      StrCat("It has had no finite value since step ", Thousands(track.streak.since), ": ",
             Counted(track.streak.points, "point"), " in a row, the last at step ",
             Thousands(track.streak.last), ". ",
             track.was_finite() ? StrCat("The last finite value was ", Number(track.last_finite),
                                         " at step ", Thousands(track.last_finite_step),
                                         "; the first was ", Number(track.first_finite), ".")
                                : std::string("It never was finite."),
             DescribeOthers(tag));
  if (!IsFatal(track)) {
    finding.cause =
        "Training goes on, so only this value cannot be computed: an empty set, the logarithm or "
        "quotient of 0, or a program that logs NaN where it has none to log.";
    finding.advice = "Look at how it is computed, or leave it out where there is none.";
  } else if (track.was_finite() && track.has_diverged()) {
    finding.cause =
        "It had grown to more than ten times its first value before: training diverged, and then "
        "numbers overflowed. The learning rate is far too high for this model.";
    finding.advice =
        "Divide the learning rate by 10 or warm it up, and clip gradients. Start again from a "
        "checkpoint before this step: weights that are NaN never recover.";
  } else if (track.history.step().size() < kPointsOfStart) {
    finding.cause =
        "It was lost at the very start: a learning rate that is far too high does this within a "
        "step or two. Otherwise it is a bad sample (NaN in the input), or the logarithm, root or "
        "quotient of 0.";
    finding.advice =
        "Try a learning rate 100 times lower; if it is lost again at the same step, look at the "
        "batch of this step and at operations that are not defined everywhere.";
  } else {
    finding.cause =
        "It did not grow before, so one batch or one operation made it: a bad sample (NaN in the "
        "input), the logarithm, root or quotient of 0, an empty batch, or an overflow of half "
        "precision.";
    finding.advice =
        "Look at the batch of this step and at operations that are not defined everywhere; add an "
        "epsilon or clamp. In half precision, scale the loss or use bfloat16. Start again from a "
        "checkpoint before this step: weights that are NaN never recover.";
  }
  finding.evidence.push_back(FiniteValues(tag, track.history));
  return finding;
}

Finding NonFinite::ReportOver(const std::string& tag, const Track& track) const {
  Finding finding;
  finding.rule = "non_finite";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kInfo;
  finding.is_open = false;
  finding.onset_step = track.longest.since;
  finding.detected_step = track.longest.since;
  finding.closed_step = track.over_at;
  finding.value = static_cast<double>(track.longest.sure);
  finding.threshold = static_cast<double>(track.points_min());
  finding.title = StrCat(Excerpt(tag), " was NaN or Inf for a while");
  const bool is_exact = track.longest.sure == track.longest.points;
  finding.summary = StrCat(is_exact ? "" : "At least ", Counted(track.longest.sure, "point"),
                           " in a row from step ", Thousands(track.longest.since),
                           " on; finite again by step ", Thousands(track.over_at), ".");
  finding.cause =
      "The weights survived it: the step was skipped, or only this value could not be computed "
      "(an empty batch, the logarithm or quotient of 0).";
  finding.advice = "Look at the batches of these steps if it comes back.";
  finding.evidence.push_back(FiniteValues(tag, track.history));
  return finding;
}

void NonFinite::Conclude(store::Diagnosis* diagnosis) const {
  const auto first = [this](auto is_candidate, auto since) {
    auto best = tracks_.end();
    const auto rank = [&](const auto& entry) {
      return std::tuple(since(entry.second), !entry.second.is_loss);
    };
    for (auto it = tracks_.begin(); it != tracks_.end(); ++it) {
      if (!is_candidate(it->second)) continue;
      if (best == tracks_.end() || rank(*it) < rank(*best)) best = it;
    }
    return best;
  };
  Check check{"non_finite", "", Check::State::kOk, ""};
  const auto open = first([](const Track& track) { return track.is_open(); },
                          [](const Track& track) { return track.streak.since; });
  const auto over = first([](const Track& track) { return track.is_over(); },
                          [](const Track& track) { return track.longest.since; });
  if (tracks_.empty()) {
    check.state = Check::State::kNotChecked;
    check.reason =
        "no loss or gradient norm is logged: a tag with \"loss\", or \"grad\" and \"norm\"";
  } else if (open != tracks_.end()) {
    check.state = Check::State::kFired;
    check.reason = StrCat(Excerpt(open->first), " is NaN or Inf");
    diagnosis->findings.push_back(Report(open->first, open->second));
  } else {
    check.reason = tracks_.size() == 1 ? StrCat(Excerpt(tracks_.begin()->first), " is finite")
                                       : StrCat("all ", Thousands(std::ssize(tracks_)),
                                                " losses and gradient norms are finite");
    if (over != tracks_.end()) diagnosis->findings.push_back(ReportOver(over->first, over->second));
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
