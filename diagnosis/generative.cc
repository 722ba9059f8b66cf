#include "diagnosis/generative.h"

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

constexpr int64_t kPointsMin = 40;
constexpr size_t kLatest = 20;
constexpr double kLow = 0.1;      // times the first
constexpr double kNearPrior = 1;  // nats, of the first: a normal prior and an untrained encoder
constexpr double kWon = 0.02;
constexpr double kGeneratorLost = 3;  // times the first

std::string DescribeFall(double first, double level, double share) {
  return StrCat("It began at ", Number(first), " and its level, the median of the last ", kLatest,
                " points, is ", Number(level), ". The alarm is at ", Number(share),
                " times the first.");
}

}  // namespace

bool Generative::Watches(std::string_view tag) {
  return IsDivergence(tag) || IsReconstruction(tag) || IsDiscriminatorLoss(tag) ||
         IsGeneratorLoss(tag);
}

bool Generative::Track::is_judged() const {
  return points >= kPointsMin && first > 0 && lowest >= 0;
}

void Generative::Add(const std::string& tag, Step step, double value) {
  if (IsReconstruction(tag) && (reconstruction_.empty() || tag < reconstruction_)) {
    reconstruction_ = tag;
  }
  Tracks* tracks = IsDivergence(tag)          ? &divergences_
                   : IsDiscriminatorLoss(tag) ? &discriminators_
                   : IsGeneratorLoss(tag)     ? &generators_
                                              : nullptr;
  if (tracks == nullptr) return;
  Track& track = (*tracks)[tag];
  if (track.points++ == 0) track.first = track.lowest = value;
  track.lowest = std::min(track.lowest, value);
  track.latest.push_back(value);
  if (track.latest.size() > kLatest) track.latest.pop_front();
  track.level = Median({track.latest.begin(), track.latest.end()});
  track.history.Add(step, value);
  if (track.level > kLow * track.first) {
    track.low_points = 0;
    return;
  }
  if (track.low_points++ == 0) track.low_since = step;
  const auto low = static_cast<int64_t>(kLatest);
  if (track.low_points == std::max(low, kPointsMin - (track.points - track.low_points))) {
    track.told_at = step;
  }
}

bool Generative::Track::IsLow() const {
  return is_judged() && low_points >= static_cast<int64_t>(kLatest);
}

// A divergence that begins high comes down as a prior is learned, or as the encoder settles.
bool Generative::HasCollapsed(const Track& divergence) {
  return divergence.IsLow() && divergence.first <= kNearPrior;
}

bool Generative::HasWon(const Track& discriminator) {
  return discriminator.IsLow() && discriminator.level <= kWon * discriminator.first;
}

const Generative::Tracks::value_type* Generative::LosingGenerator() const {
  const auto it = std::find_if(generators_.begin(), generators_.end(), [](const auto& entry) {
    const Track& track = entry.second;
    return track.is_judged() && track.level >= kGeneratorLost * track.first;
  });
  return it == generators_.end() ? nullptr : &*it;
}

Finding Generative::ReportCollapse(const Tracks::value_type& divergence) const {
  const auto& [tag, track] = divergence;
  Finding finding;
  finding.rule = "posterior_collapse";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kWarning;
  finding.onset_step = track.low_since;
  finding.detected_step = track.told_at;
  finding.value = track.level / track.first;
  finding.threshold = kLow;
  finding.title = StrCat(Excerpt(tag), " fell to ", Number(track.level),
                         ", below what it had before any training, ", Number(track.first));
  finding.summary = StrCat(DescribeFall(track.first, track.level, kLow),
                           " An encoder that tells samples apart leaves the prior, and this "
                           "divergence grows.");
  finding.cause = StrCat(
      "The posterior has collapsed onto the prior: the code says nothing of the sample, and the "
      "decoder makes the mean of all. The divergence weighs too much against ",
      Excerpt(reconstruction_), ", from too early on, or the decoder needs no code.");
  finding.advice =
      "Lower the weight of the divergence (beta), or let it rise from 0 over the first epochs; "
      "leave each dimension some free bits; sum the reconstruction over the parts of a sample "
      "instead of taking its mean; make the decoder weaker.";
  finding.evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kLow * track.first;
  return finding;
}

Finding Generative::ReportWin(const Tracks::value_type& discriminator,
                              const Tracks::value_type& generator) {
  const auto& [tag, track] = discriminator;
  const std::string generator_name = Excerpt(generator.first);
  Finding finding;
  finding.rule = "discriminator_wins";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kWarning;
  finding.onset_step = track.low_since;
  finding.detected_step = track.told_at;
  finding.value = track.level / track.first;
  finding.threshold = kWon;
  finding.title = StrCat(Excerpt(tag), " is next to 0, at ", Number(track.level), ", while ",
                         generator_name, " grew to ", Number(generator.second.level));
  finding.summary = StrCat(DescribeFall(track.first, track.level, kWon), " ", generator_name,
                           " began at ", Number(generator.second.first), ".");
  finding.cause =
      "The discriminator tells all that is made from all that is real, and is sure of it: its "
      "answer hardly depends on what the generator changes, so the generator does not learn.";
  finding.advice =
      "Lower the discriminator's learning rate, its size or its steps for each of the generator's; "
      "smooth its labels, add noise to its inputs, or take a loss that does not saturate (hinge "
      "with spectral normalisation, Wasserstein with a gradient penalty).";
  finding.evidence.push_back(track.history.ToEvidence(Excerpt(tag), "value", true));
  finding.evidence.back().has_threshold = true;
  finding.evidence.back().threshold = kWon * track.first;
  finding.evidence.push_back(generator.second.history.ToEvidence(generator_name, "value", true));
  return finding;
}

// Of the loss that is told, or else the first: whether it is enough, and where it stands.
void Generative::DescribeTrack(const Tracks::value_type& entry, Check* check) {
  const auto& [tag, track] = entry;
  const bool is_enough = track.points >= kPointsMin;
  check->state = is_enough ? Check::State::kOk : Check::State::kWarming;
  check->reason = is_enough
                      ? StrCat(Excerpt(tag), " is at ", Number(track.level), " and began at ",
                               Number(track.first))
                      : StrCat(Excerpt(tag), " has ", track.points, " of ", kPointsMin, " points");
}

void Generative::ConcludeCollapse(const Context& context, store::Diagnosis* diagnosis) const {
  if (divergences_.empty()) return;  // no VAE
  Check check{"posterior_collapse", "", Check::State::kNotChecked,
              "no reconstruction is logged beside the divergence: a tag such as recon_loss"};
  const bool is_logged = !reconstruction_.empty();
  if (is_logged && !context.moving_target.empty()) {
    check.reason = StrCat("the run logs ", Excerpt(context.moving_target),
                          ": what it makes a code of changes as it learns");
  } else if (is_logged) {
    const auto told = std::find_if(divergences_.begin(), divergences_.end(),
                                   [](const auto& entry) { return HasCollapsed(entry.second); });
    DescribeTrack(told == divergences_.end() ? *divergences_.begin() : *told, &check);
    if (told != divergences_.end()) {
      check.state = Check::State::kFired;
      diagnosis->findings.push_back(ReportCollapse(*told));
    }
  }
  diagnosis->checks.push_back(std::move(check));
}

void Generative::ConcludeWin(store::Diagnosis* diagnosis) const {
  if (discriminators_.empty()) return;  // no GAN
  Check check{"discriminator_wins", "", Check::State::kNotChecked,
              "no loss of a generator is logged beside the discriminator's: a tag such as g_loss"};
  if (!generators_.empty()) {
    const auto told = std::find_if(discriminators_.begin(), discriminators_.end(),
                                   [](const auto& entry) { return HasWon(entry.second); });
    DescribeTrack(told == discriminators_.end() ? *discriminators_.begin() : *told, &check);
    const auto* generator = LosingGenerator();
    if (told != discriminators_.end() && generator != nullptr) {
      check.state = Check::State::kFired;
      diagnosis->findings.push_back(ReportWin(*told, *generator));
    }
  }
  diagnosis->checks.push_back(std::move(check));
}

void Generative::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  ConcludeCollapse(context, diagnosis);
  ConcludeWin(diagnosis);
}

}  // namespace spirogram::diagnosis
