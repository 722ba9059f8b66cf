#include "diagnosis/dead_units_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/str.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Finding;
using store::Severity;

// A spike explains a death this many steps later at most.
constexpr Step kSpikeReach = 50;
constexpr double kRevivedShare = 0.20;
constexpr double kLayerBlocked = 0.90;

Step Earlier(Step step, Step by) {
  return step < std::numeric_limits<Step>::min() + by ? std::numeric_limits<Step>::min()
                                                      : step - by;
}

Step Later(Step step, Step by) {
  return step > std::numeric_limits<Step>::max() - by ? std::numeric_limits<Step>::max()
                                                      : step + by;
}

// The time in which a cause of the breach must lie: the window in which the units fell silent is
// only known to its first step, and the step that killed them lies before it.
std::pair<Step, Step> TimeOfCause(const UnitReport& report, Step onset) {
  const double span = StepSpan(report.tally.first_step, report.tally.step);
  const Step window_steps = static_cast<Step>(std::min(span, 1e6));
  return {Earlier(onset, kSpikeReach + window_steps), Later(onset, window_steps)};
}

std::string DescribeJump(std::string_view what, const ScalarTrack::Jump& jump) {
  return StrCat(what, " rose to ", Number(jump.value), " at step ", Thousands(jump.step), ", ",
                Number(jump.value / jump.usual), " times its usual ", Number(jump.usual));
}

// A layer that was blocked before this one fell silent, or null.
const Finding* EarlierBlockedLayer(const UnitReport& report, Step onset) {
  const Finding* earliest = nullptr;
  for (const Finding& finding : report.context.layer_findings) {
    if (finding.entity == report.layer || finding.value < kLayerBlocked) continue;
    if (finding.onset_step >= onset) continue;
    if (earliest == nullptr || finding.onset_step < earliest->onset_step) earliest = &finding;
  }
  return earliest;
}

bool HasMostlyRevived(const UnitTally& tally) {
  return tally.ever_dead > 0 &&
         static_cast<double>(tally.revived) >= kRevivedShare * static_cast<double>(tally.ever_dead);
}

struct Explanation {
  std::string cause;
  std::string advice;
};

Explanation ExplainDormant() {
  return {
      "These units answer with less than 1/40 of the layer's mean magnitude, whatever the input: "
      "their incoming weights have shrunk or their pre-activations sit where the activation is "
      "flat. They still get gradients, so they can recover.",
      "Lower the weight decay or the learning rate of this layer, add a normalisation layer "
      "before it, or make it narrower if the model does well without these units."};
}

// Mentions the witness that is missing, so that silence is not taken for innocence.
std::string SteadyCause(const UnitReport& report) {
  const bool has_witness = report.context.LayerUpdateRatio(report.layer) != nullptr;
  std::string cause =
      StrCat("The units fell silent between step ", Thousands(report.tally.first_death),
             " and step ", Thousands(report.tally.last_death), ". ");
  cause += has_witness
               ? "No unusually large update came before. Biases that drift downwards do this: a "
                 "learning rate that is too high for long, or inputs that are all of one sign."
               : "Whether an unusually large update came before cannot be told, as no update_ratio "
                 "of this layer is logged. The usual causes are a learning rate that is too high "
                 "and inputs that are all of one sign.";
  return cause;
}

Explanation Explain(const UnitReport& report, Step onset) {
  const UnitTally& tally = report.tally;
  if (tally.fault == UnitFault::kDormant) return ExplainDormant();
  if (tally.born > tally.died()) {
    return {
        StrCat(Thousands(tally.born), " of the ", Counted(tally.dead, "dead unit"), " ",
               WasWere(tally.born),
               " silent from the first window on: the initialisation or the inputs put them "
               "out of reach, for example negative biases, a gain that does not fit the fan-in, "
               "or inputs that are not normalised."),
        "Initialise the weights by He's rule and the biases with 0 to 0.01, normalise the "
        "inputs, and check that the layer before is not dead itself."};
  }
  if (const Finding* blocked = EarlierBlockedLayer(report, onset)) {
    return {StrCat("Layer ", blocked->entity, " was dead before, since step ",
                   Thousands(blocked->onset_step),
                   ". A layer behind it sees the same input for every sample and follows it."),
            StrCat("Repair ", blocked->entity, " first; this layer should come back with it.")};
  }
  const auto [from, to] = TimeOfCause(report, onset);
  const ScalarTrack* ratio = report.context.LayerUpdateRatio(report.layer);
  const ScalarTrack* rate = report.context.LearningRate("");
  const auto ratio_jump = ratio ? ratio->LargestJump(from, to) : std::nullopt;
  const auto rate_jump = rate ? rate->LargestJump(from, to) : std::nullopt;
  if (!ratio_jump && !rate_jump) {
    return {
        SteadyCause(report),
        "Divide the learning rate by 3 to 10 or warm it up, normalise the layer's inputs, or use "
        "LeakyReLU or GELU. Re-initialise the dead units: they cannot recover on their own."};
  }
  std::string cause;
  if (ratio_jump) cause = DescribeJump("The update ratio of this layer", *ratio_jump) + ". ";
  if (rate_jump) cause += DescribeJump("The learning rate", *rate_jump) + ". ";
  return {cause +
              "One too large step can push biases so far down that no input reaches the units "
              "any more.",
          "Divide the learning rate by 3 to 10, warm it up, or clip gradients; look at the batches "
          "just before the onset. LeakyReLU or GELU units survive such a step. Re-initialise the "
          "dead units: they cannot recover on their own."};
}

std::string Summarise(const UnitReport& report) {
  const UnitTally& tally = report.tally;
  const bool is_dormant = tally.fault == UnitFault::kDormant;
  std::string text = StrCat(Thousands(tally.dead), " of ", Counted(tally.units, "unit"),
                            " of layer ", report.layer, " (", Percent(tally.share), ")",
                            is_dormant ? " gave almost nothing" : " gave exactly 0");
  if (tally.dead > 0) {
    text += StrCat(" for each of the last ", Thousands(std::llround(std::min(tally.samples, 1e18))),
                   " samples or more");
  }
  if (!is_dormant) {
    text += tally.has_gradient ? " and got no gradient, so they cannot recover on their own"
                               : " (gradients are not logged, so that they get none is not proved)";
  }
  text += StrCat(", as of step ", Thousands(tally.step), ". ");
  const std::string_view name = UnitFaultName(tally.fault);
  text += StrCat(tally.born > 0
                     ? StrCat(Thousands(tally.born), " ", WasWere(tally.born), " ", name,
                              " from the start (units ", IdList(tally.born_ids, tally.born), ")")
                     : StrCat("None was ", name, " from the start"),
                 "; ");
  text += tally.died() > 0 ? StrCat(Thousands(tally.died()), " went later (units ",
                                    IdList(tally.died_ids, tally.died()), "), the first at step ",
                                    Thousands(tally.first_death), ". ")
                           : std::string("none went later. ");
  text += StrCat("The alarm is at ", Percent(tally.threshold), ".");
  if (HasMostlyRevived(tally)) {
    text += StrCat(" ", Thousands(tally.revived), " of ", Counted(tally.ever_dead, "unit"),
                   " that ", WasWere(tally.ever_dead), " ", name,
                   " came back later, so this may depend on the data.");
  }
  return text;
}

void AddEvidence(const UnitReport& report, Finding* finding) {
  const std::string_view name = UnitFaultName(report.tally.fault);
  auto dead = report.dead_share.ToEvidence(StrCat(name, " share of layer ", report.layer),
                                           "share of units", false);
  dead.has_threshold = true;
  dead.threshold = finding->threshold;
  finding->evidence.push_back(std::move(dead));
  finding->evidence.push_back(report.silent_share.ToEvidence(
      StrCat("share of units of ", report.layer, " silent in a window"), "share of units", false));
  if (const ScalarTrack* ratio = report.context.LayerUpdateRatio(report.layer)) {
    finding->evidence.push_back(ratio->history().ToEvidence(
        StrCat("update ratio of layer ", report.layer), "norm of update / norm of weights", true));
  }
}

Finding Begin(const UnitReport& report) {
  const UnitTally& tally = report.tally;
  Finding finding;
  finding.rule = "dead_units";
  finding.entity = report.layer;
  finding.affected = tally.dead;
  finding.total = tally.units;
  finding.value = tally.share;
  finding.threshold = tally.threshold;
  finding.summary = Summarise(report);
  finding.ids = tally.died_ids;
  for (int64_t id : tally.born_ids) {
    if (finding.ids.size() < DeadUnits::kIdsMax) finding.ids.push_back(id);
  }
  return finding;
}

}  // namespace

std::string_view UnitFaultName(UnitFault fault) {
  return fault == UnitFault::kDead ? "dead" : "dormant";
}

Finding ReportDying(const UnitReport& report, const Incident& incident, Severity severity) {
  const UnitTally& tally = report.tally;
  Finding finding = Begin(report);
  finding.severity = severity;
  finding.is_open = incident.is_open;
  finding.onset_step = incident.onset;
  finding.detected_step = incident.detected;
  finding.closed_step = incident.closed;
  finding.title = StrCat(
      Thousands(tally.dead), " of ", Counted(tally.units, "unit"), " of ", report.layer, " ",
      incident.is_open ? IsAre(tally.dead) : WasWere(tally.dead), " ", UnitFaultName(tally.fault));
  if (incident.reopened > 0) {
    finding.summary += StrCat(" It came back ", Counted(incident.reopened, "time"), ".");
  }
  Explanation explanation = Explain(report, incident.onset);
  finding.cause = std::move(explanation.cause);
  finding.advice = std::move(explanation.advice);
  AddEvidence(report, &finding);
  return finding;
}

Finding ReportBornDead(const UnitReport& report, Step first_step, Step baseline_step) {
  const UnitTally& tally = report.tally;
  Finding finding = Begin(report);
  finding.severity = Severity::kInfo;
  finding.onset_step = first_step;
  finding.detected_step = baseline_step;
  finding.affected = tally.born;
  finding.ids = tally.born_ids;
  finding.value = static_cast<double>(tally.born) / static_cast<double>(tally.units);
  finding.title = StrCat(Thousands(tally.born), " of ", Counted(tally.units, "unit"), " of ",
                         report.layer, " ", WasWere(tally.born), " dead from the start");
  finding.cause =
      "The initialisation left these units out of reach of every input seen so far. Their number "
      "does "
      "not grow, so training is not getting worse by it; the layer is just narrower than it looks.";
  finding.advice =
      "Nothing needs to be done. To use the whole width, initialise by He's rule with biases of 0 "
      "to "
      "0.01 and normalise the inputs.";
  AddEvidence(report, &finding);
  return finding;
}

}  // namespace spirogram::diagnosis
