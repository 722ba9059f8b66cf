#include "diagnosis/still_tensors.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/str.h"
#include "diagnosis/tensor_histograms.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr int64_t kHistogramsMin = 3;
constexpr double kVanishing = 1e-6;  // times a usual learning rate, it rounds away in float32

}  // namespace

bool StillTensors::Track::is_still() const {
  return !is_settled && histograms >= kHistogramsMin;
}

bool StillTensors::Wants(std::string_view tag) const {
  const auto it = tracks_.find(tag);
  return it == tracks_.end() ? TensorOf(tag).has_value() : !it->second.is_settled;
}

void StillTensors::Add(const std::string& tag, std::span<const store::Histogram> histograms) {
  if (histograms.empty() || !Wants(tag)) return;
  Track& track = tracks_[tag];
  track.tensor = *TensorOf(tag);
  const store::Histogram& first = histograms.front();
  track.is_settled = !std::all_of(histograms.begin(), histograms.end(),
                                  [&first](const auto& one) { return IsSame(first, one); });
  track.is_zero = std::all_of(histograms.begin(), histograms.end(), IsZero);
  track.histograms = std::ssize(histograms);
  for (const store::Histogram& one : histograms) {
    if (one.edges.empty()) continue;
    track.largest =
        std::max({track.largest, std::abs(one.edges.front()), std::abs(one.edges.back())});
  }
  track.first_step = first.step;
  track.last_step = histograms.back().step;
  if (track.histograms >= kHistogramsMin) track.enough_at = histograms[kHistogramsMin - 1].step;
}

GradientSizes StillTensors::Gradients() const {
  GradientSizes sizes;
  for (const auto& [tag, track] : tracks_) {
    if (track.tensor.kind == Tensor::Kind::kGradient) sizes[tag] = track.largest;
  }
  return sizes;
}

StillTensors::Group StillTensors::StillOf(Tensor::Kind kind) const {
  Group group;
  for (const auto& entry : tracks_) {
    if (entry.second.tensor.kind == kind && entry.second.is_still()) group.push_back(&entry);
  }
  return group;
}

StillTensors::Group StillTensors::ZeroOf(Tensor::Kind kind) const {
  Group group = StillOf(kind);
  std::erase_if(group, [](const auto* entry) { return !entry->second.is_zero; });
  return group;
}

const StillTensors::Track* StillTensors::GradientOf(const Tensor& weights) const {
  for (const auto& [tag, track] : tracks_) {
    const bool is_gradient = track.tensor.kind == Tensor::Kind::kGradient;
    if (is_gradient && track.tensor.name == weights.name) return &track;
  }
  return nullptr;
}

bool StillTensors::AnyWeightsChange() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& entry) {
    return entry.second.tensor.kind == Tensor::Kind::kWeights && entry.second.is_settled;
  });
}

// What the findings have in common.
Finding StillTensors::Describe(const Group& group, Severity severity) const {
  const Track& track = group.front()->second;
  Finding finding;
  finding.rule = "still_tensors";
  finding.entity = ToValidUtf8(group.front()->first);
  finding.severity = severity;
  finding.onset_step = track.first_step;
  finding.detected_step = track.enough_at;
  finding.value = static_cast<double>(track.histograms);
  finding.threshold = static_cast<double>(kHistogramsMin);
  finding.affected = std::ssize(group);
  finding.total = std::count_if(tracks_.begin(), tracks_.end(), [&](const auto& entry) {
    return entry.second.tensor.kind == track.tensor.kind;
  });
  finding.summary = StrCat("Of ", Counted(finding.total, "tensor"), " of this kind that have ",
                           "histograms, ", finding.affected, ": ", NamesOf(group),
                           ". Looked at in ", Counted(track.histograms, "histogram"), " from step ",
                           Thousands(track.first_step), " to ", Thousands(track.last_step), ".");
  return finding;
}

Finding StillTensors::ReportGradients(const Group& zero) const {
  Finding finding = Describe(zero, Severity::kWarning);
  finding.title = zero.size() == 1 ? StrCat(finding.entity, " is exactly 0 from the start")
                                   : StrCat(zero.size(), " gradients are exactly 0 from the start");
  if (finding.affected == finding.total && AnyWeightsChange()) {
    finding.severity = Severity::kInfo;
    finding.cause = "Weights do change, so the gradients were cleared before they were logged.";
    finding.advice = "Log them between backward() and zero_grad().";
    return finding;
  }
  finding.cause =
      "The loss does not reach these weights: units behind them that never answer, a detach(), "
      "no_grad() or argmax on the way, a branch that is not used, or a loss that is cut off. Or "
      "the gradients were cleared before they were logged.";
  finding.advice =
      "Look at the activations behind the last of these layers, and from the loss backwards for "
      "the first tensor that needs no gradient.";
  return finding;
}

Finding StillTensors::ReportActivations(const Group& zero) const {
  Finding finding = Describe(zero, Severity::kWarning);
  finding.title = zero.size() == 1 ? StrCat(finding.entity, " is exactly 0 from the start")
                                   : StrCat(zero.size(), " layers answer exactly 0 from the start");
  finding.cause =
      "None of these units answers to any sample: what lies before cannot learn, and what lies "
      "behind sees no input. Biases far below 0 or inputs that are far too large do this, or "
      "weights that were drawn so.";
  finding.advice =
      "Start biases at 0, draw the weights by He's rule, scale the inputs to about unit variance; "
      "LeakyReLU or GELU let a silent unit come back.";
  return finding;
}

bool StillTensors::IsVanishing(const Group& weights) const {
  return std::all_of(weights.begin(), weights.end(), [this](const auto* entry) {
    return GradientOf(entry->second.tensor)->largest < kVanishing;
  });
}

// REQUIRES: a gradient of each of the weights is logged.
Finding StillTensors::ReportFaulty(const Group& weights, bool do_all) const {
  Finding finding = Describe(weights, do_all ? Severity::kCritical : Severity::kWarning);
  finding.title =
      weights.size() == 1
          ? finding.entity + " gets gradients and never changes"
          : StrCat(weights.size(), " tensors of weights get gradients and never change");
  if (IsVanishing(weights)) {
    finding.cause = StrCat("None of these gradients is ever larger than ", Number(kVanishing),
                           ": they vanish on the way to these layers, and the updates round away.");
    finding.advice =
        "Use residual connections, normalisation or ReLU instead of sigmoid and tanh, fewer "
        "layers, or weights drawn by Xavier's or He's rule.";
    return finding;
  }
  finding.cause = do_all ? "No weights change at all: the optimizer's step is never taken, its "
                           "learning rate is 0, or it was made of other parameters."
                         : "The optimizer does not hold them: they were left out of its groups, or "
                           "replaced or made after it was; or their learning rate is 0.";
  finding.advice =
      "Compare what the optimizer holds with the model's parameters, and make it after the model "
      "is complete. If they are frozen on purpose, requires_grad_(False) also saves their "
      "gradient.";
  return finding;
}

void StillTensors::ReportWeights(const Group& still, store::Diagnosis* diagnosis) const {
  Group faulty;
  Group without_gradient;
  for (const auto* entry : still) {
    const Track* gradient = GradientOf(entry->second.tensor);
    if (gradient != nullptr && gradient->is_settled) {
      faulty.push_back(entry);
    } else if (gradient == nullptr || (gradient->is_still() && !gradient->is_zero)) {
      // A gradient that is always the same is one of before the weights were frozen.
      without_gradient.push_back(entry);
    }
  }
  const bool do_all = !AnyWeightsChange();
  if (!faulty.empty()) diagnosis->findings.push_back(ReportFaulty(faulty, do_all));
  if (without_gradient.empty()) return;
  Finding finding = Describe(without_gradient, do_all ? Severity::kWarning : Severity::kInfo);
  finding.title = without_gradient.size() == 1
                      ? finding.entity + " never changes"
                      : StrCat(without_gradient.size(), " tensors of weights never change");
  finding.cause =
      "Frozen on purpose, or missing in the optimizer: no gradient of them is logged that would "
      "tell.";
  finding.advice = "If they are meant to learn, check that the optimizer holds them.";
  diagnosis->findings.push_back(std::move(finding));
}

void StillTensors::Conclude(store::Diagnosis* diagnosis) const {
  Check check{"still_tensors", "", Check::State::kOk, ""};
  const size_t before = diagnosis->findings.size();
  if (const Group zero = ZeroOf(Tensor::Kind::kGradient); !zero.empty()) {
    diagnosis->findings.push_back(ReportGradients(zero));
  }
  if (const Group zero = ZeroOf(Tensor::Kind::kActivations); !zero.empty()) {
    diagnosis->findings.push_back(ReportActivations(zero));
  }
  ReportWeights(StillOf(Tensor::Kind::kWeights), diagnosis);
  const auto settled = std::count_if(tracks_.begin(), tracks_.end(),
                                     [](const auto& entry) { return entry.second.is_settled; });
  check.reason = StrCat(Thousands(settled), " of ", Counted(std::ssize(tracks_), "tensor"),
                        " with histograms are neither 0 nor still");
  if (tracks_.empty()) {
    check.state = Check::State::kNotChecked;
    check.reason =
        "no histogram of weights, gradients or activations is logged: a tag with weight, grad or "
        "activation";
  } else if (diagnosis->findings.size() > before) {
    check.state = Check::State::kFired;
  } else if (settled < std::ssize(tracks_)) {
    check.state = Check::State::kWarming;
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
