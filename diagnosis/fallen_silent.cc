#include "diagnosis/fallen_silent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/str.h"
#include "diagnosis/tensor_histograms.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Finding;
using store::Severity;
using Kind = Tensor::Kind;

constexpr size_t kSilentMin = 3;

}  // namespace

bool FallenSilent::Track::HasFallenSilent() const {
  return silent >= kSilentMin && silent < histograms;
}

void FallenSilent::Add(const std::string& tag, std::span<const store::Histogram> histograms) {
  if (histograms.empty()) return;
  Track& track = tracks_[tag];
  track.tensor = *TensorOf(tag);
  track.histograms = histograms.size();
  track.last_step = histograms.back().step;
  const auto at_end = [&histograms](const auto& is_so) {
    const auto other = std::find_if_not(histograms.rbegin(), histograms.rend(), is_so);
    return static_cast<size_t>(other - histograms.rbegin());
  };
  const store::Histogram& last = histograms.back();
  track.alike = at_end([&last](const store::Histogram& one) { return IsSame(one, last); });
  track.silent = track.tensor.kind == Kind::kWeights ? track.alike : at_end(IsZero);
  if (track.silent == 0) return;
  const size_t first = histograms.size() - track.silent;
  track.silent_since = histograms[first].step;
  if (track.silent >= kSilentMin) track.told_at = histograms[first + kSilentMin - 1].step;
}

FallenSilent::Group FallenSilent::SilentOf(Kind kind) const {
  Group group;
  for (const auto& entry : tracks_) {
    if (entry.second.tensor.kind == kind && entry.second.HasFallenSilent()) {
      group.push_back(&entry);
    }
  }
  std::stable_sort(group.begin(), group.end(), [](const auto* a, const auto* b) {
    return a->second.silent_since < b->second.silent_since;
  });
  return group;
}

bool FallenSilent::AnyMoves(Kind kind) const {
  return std::any_of(tracks_.begin(), tracks_.end(), [kind](const auto& entry) {
    return entry.second.tensor.kind == kind && entry.second.IsMoving();
  });
}

// A gradient that is no longer logged, or was left as it was, is one of before they were frozen.
bool FallenSilent::HasMovingGradient(const Track& weights) const {
  return std::any_of(tracks_.begin(), tracks_.end(), [&weights](const auto& entry) {
    const Track& track = entry.second;
    return track.tensor.kind == Kind::kGradient && track.tensor.name == weights.tensor.name &&
           track.IsMoving() && track.last_step > weights.silent_since;
  });
}

Finding FallenSilent::Describe(const Group& group, Severity severity) const {
  const Track& track = group.front()->second;
  Finding finding;
  finding.rule = "fallen_silent";
  finding.entity = ToValidUtf8(group.front()->first);
  finding.severity = severity;
  finding.onset_step = track.silent_since;
  finding.detected_step = track.told_at;
  finding.value = static_cast<double>(track.silent);
  finding.threshold = static_cast<double>(kSilentMin);
  finding.affected = std::ssize(group);
  finding.total = std::count_if(tracks_.begin(), tracks_.end(), [&](const auto& entry) {
    return entry.second.tensor.kind == track.tensor.kind;
  });
  finding.summary =
      StrCat("Of ", Counted(finding.total, "tensor"), " of this kind that have histograms, ",
             finding.affected, ": ", NamesOf(group), ". So it is in the last ", track.silent,
             " of ", track.histograms, " histograms of ", finding.entity, " that were looked at, ",
             StepRange(track.silent_since, track.last_step), ", and it was otherwise before.");
  return finding;
}

Finding FallenSilent::ReportActivations(const Group& silent) const {
  Finding finding = Describe(silent, Severity::kWarning);
  finding.title = silent.size() == 1 ? StrCat(finding.entity, " is exactly 0 since step ",
                                              Thousands(finding.onset_step))
                                     : StrCat(silent.size(), " layers answer exactly 0 since step ",
                                              Thousands(finding.onset_step));
  finding.cause =
      "No unit of this layer answers to any sample any more: one update pushed its weights or "
      "biases so far that the inputs of all units are below 0. No gradient passes it, so it does "
      "not come back.";
  finding.advice =
      "Start again from a checkpoint before this step with a lower learning rate or clipped "
      "gradients; LeakyReLU, GELU or normalisation before the activation let silent units return.";
  return finding;
}

Finding FallenSilent::ReportGradients(const Group& silent) const {
  const bool is_all = !AnyMoves(Kind::kGradient);
  Finding finding = Describe(silent, is_all ? Severity::kInfo : Severity::kWarning);
  finding.title = StrCat(
      silent.size() == 1 ? StrCat(finding.entity, " is") : StrCat(silent.size(), " gradients are"),
      " exactly 0 since step ", Thousands(finding.onset_step));
  finding.cause =
      is_all ? "No gradient is left at all: a loss that is content with every sample, as a margin "
               "may be, or one that was cut off from the weights."
             : "The loss no longer reaches these weights, though it did: units behind them that "
               "fell silent, a part of the loss that was turned off, or a branch that is no longer "
               "used.";
  finding.advice = "Look at what changed at that step, and at the activations behind these layers.";
  return finding;
}

Finding FallenSilent::ReportWeights(const Group& silent) const {
  const bool is_all = !AnyMoves(Kind::kWeights);
  const bool is_faulty = std::any_of(silent.begin(), silent.end(), [this](const auto* entry) {
    return HasMovingGradient(entry->second);
  });
  Finding finding = Describe(silent, is_all || is_faulty ? Severity::kWarning : Severity::kInfo);
  const std::string since = StrCat(" since step ", Thousands(finding.onset_step));
  finding.title =
      is_all ? StrCat("no weights have changed", since)
             : StrCat(silent.size() == 1 ? StrCat(finding.entity, " has")
                                         : StrCat(silent.size(), " tensors of weights have"),
                      " not changed", since);
  finding.cause =
      is_all ? "A learning rate that has become 0, gradients that are 0 or not finite, so that "
               "each step is skipped, or an optimizer that is no longer called."
      : is_faulty
          ? "They still get gradients, so they are meant to learn: their learning rate became 0, "
            "or the optimizer was made anew without them, as after a resume."
          : "Frozen on purpose at that step, or lost by the optimizer: no gradient that would tell "
            "is logged since.";
  finding.advice =
      "Compare what the optimizer holds, and at which learning rate, before and after this step.";
  return finding;
}

void FallenSilent::Conclude(store::Diagnosis* diagnosis) const {
  // One finding: a layer that is silent has gradients of 0, and these leave weights as they are.
  if (const Group silent = SilentOf(Kind::kActivations); !silent.empty()) {
    diagnosis->findings.push_back(ReportActivations(silent));
  } else if (const Group gradients = SilentOf(Kind::kGradient); !gradients.empty()) {
    diagnosis->findings.push_back(ReportGradients(gradients));
  } else if (const Group weights = SilentOf(Kind::kWeights); !weights.empty()) {
    diagnosis->findings.push_back(ReportWeights(weights));
  }
}

}  // namespace spirogram::diagnosis
