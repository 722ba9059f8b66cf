#include "diagnosis/slow_layers.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/row_states.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr int64_t kPointsMin = 8;
constexpr double kStepsMin = 50;
constexpr double kStillRising = 1.4;  // the later half against the earlier one

bool IsRising(const History& history) {
  const std::vector<double>& values = history.value();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  return Median({middle, values.end()}) > kStillRising * Median({values.begin(), middle});
}

std::string DescribeRate(const Context& context) {
  const ScalarTrack* rate = context.RunLearningRate();
  if (rate == nullptr || rate->history().empty()) return "";
  const double peak = rate->PeakUpTo(std::numeric_limits<Step>::max());
  return StrCat(" It is logged as ", peak > 0 ? "up to " : "", Number(peak), ".");
}

}  // namespace

void SlowLayers::Add(const std::string& layer, Step step, double ratio) {
  Track& track = tracks_[layer];
  if (track.points++ == 0) track.first_step = step;
  track.peak = std::max(track.peak, ratio);
  const bool is_enough =
      track.points >= kPointsMin && StepSpan(track.first_step, step) >= kStepsMin;
  if (is_enough) track.enough_at = std::min(track.enough_at, step);
}

const SlowLayers::Tracks::value_type& SlowLayers::Fastest() const {
  return *std::max_element(tracks_.begin(), tracks_.end(), [](const auto& a, const auto& b) {
    return a.second.peak < b.second.peak;
  });
}

Finding SlowLayers::Report(const Context& context) const {
  const auto& [layer, track] = Fastest();
  const bool moves = track.peak > 0;
  Finding finding;
  finding.rule = "slow_layers";
  finding.entity = layer;
  finding.severity = moves ? Severity::kWarning : Severity::kCritical;
  finding.onset_step = track.first_step;
  finding.detected_step = track.enough_at;
  finding.value = track.peak;
  finding.threshold = kSlowRatio;
  finding.affected = finding.total = std::ssize(tracks_);
  finding.title =
      moves ? StrCat("no layer moves by more than ", Number(track.peak), " of its norm per step")
            : "no layer changes at all";
  finding.summary =
      StrCat("The fastest of ", Counted(std::ssize(tracks_), "layer"), " is ", Excerpt(layer),
             moves ? StrCat(": its largest update since step ", Thousands(track.first_step),
                            " was ", Number(track.peak), " of its norm.")
                   : StrCat(": each of its ", Thousands(track.points), " updates since step ",
                            Thousands(track.first_step), " was exactly 0."),
             " About 0.001 is usual; the alarm is below ", Number(kSlowRatio), ".");
  if (moves) {
    finding.cause =
        "The learning rate is far too low for this model, or its gradients are scaled "
        "down." +
        DescribeRate(context);
    finding.advice =
        "Raise the learning rate by factors of 10 until the updates come to about 0.001 of the "
        "norm. Where this is the end of a decay that went on elsewhere, nothing is wrong.";
  } else {
    finding.cause =
        "The optimizer never changes the weights: it was made of other parameters than the "
        "model's, its step is never taken, its learning rate is 0, or the updates round to zero "
        "in the precision of the weights." +
        DescribeRate(context);
    finding.advice =
        "Check that the optimizer holds the model's parameters, that its step is called, and the "
        "schedule of the learning rate; keep master weights in float32.";
  }
  if (const ScalarTrack* ratio = context.LayerUpdateRatio(layer)) {
    finding.evidence.push_back(
        ratio->history().ToEvidence(StrCat("update ratio of layer ", Excerpt(layer)),
                                    "norm of update / norm of weights", moves));
    finding.evidence.back().has_threshold = true;
    finding.evidence.back().threshold = kSlowRatio;
  }
  return finding;
}

void SlowLayers::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  Check check{"slow_layers", "", Check::State::kOk, ""};
  if (tracks_.empty()) {
    check.state = Check::State::kNotChecked;
    check.reason = "no update ratio of a layer is logged: layers/LAYER/update_ratio";
    diagnosis->checks.push_back(std::move(check));
    return;
  }
  const auto& [layer, track] = Fastest();
  const ScalarTrack* ratio = context.LayerUpdateRatio(layer);
  check.reason =
      StrCat(Excerpt(layer), " moved by up to ", Number(track.peak), " of its norm per step");
  if (track.peak < kSlowRatio) {
    if (track.enough_at == kNever) {
      check.state = Check::State::kWarming;
      check.reason = StrCat(Excerpt(layer), " has ", Counted(track.points, "point"), "; ",
                            kPointsMin, " over ", Number(kStepsMin), " steps are needed");
    } else if (ratio != nullptr && IsRising(ratio->history())) {
      check.state = Check::State::kWarming;
      check.reason += ", and still rises";
    } else {
      check.state = Check::State::kFired;
      diagnosis->findings.push_back(Report(context));
    }
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis
