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
// Ten times what is usual (docs/diagnosis.md).
constexpr double kLargeUpdateRatio = 0.01;

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

// Rather a new level than a jump: what pushes once too far comes back to the usual soon.
bool IsLasting(const std::optional<ScalarTrack::Jump>& jump) {
  constexpr int kPointsOfLevel = 5;
  return jump && jump->points >= kPointsOfLevel;
}

std::string DescribeJump(std::string_view what, const ScalarTrack::Jump& jump) {
  if (IsLasting(jump)) {
    return StrCat(what, " is higher since step ", Thousands(jump.since), ": up to ",
                  Number(jump.value), ", ", Number(jump.value / jump.usual), " times its usual ",
                  Number(jump.usual));
  }
  return StrCat(what, " rose to ", Number(jump.value), " at step ", Thousands(jump.step), ", ",
                Number(jump.value / jump.usual), " times its usual ", Number(jump.usual));
}

// The first layer that had lost half of its units before this one fell silent, or null.
const DeadLayer* EarlierDeadLayer(const UnitReport& report, Step onset) {
  const DeadLayer* earliest = nullptr;
  for (const DeadLayer& dead : report.context.dead_layers) {
    if (dead.layer == report.layer || dead.since >= onset) continue;
    if (earliest == nullptr || dead.since < earliest->since) earliest = &dead;
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

// Mentions the witness that is missing, or came too late, so that silence is not taken for
// innocence.
std::string SteadyCause(const UnitReport& report, Step from, Step to) {
  constexpr std::string_view kUsualCauses =
      "The usual causes are a learning rate that is too high and inputs that are all of one sign.";
  const UnitTally& tally = report.tally;
  const std::string when =
      tally.first_death == tally.last_death
          ? StrCat("The units fell silent at step ", Thousands(tally.first_death), ". ")
          : StrCat("The units fell silent between step ", Thousands(tally.first_death),
                   " and step ", Thousands(tally.last_death), ". ");
  const ScalarTrack* ratio = report.context.LayerUpdateRatio(report.layer);
  if (ratio != nullptr && ratio->nonfinite_from() <= to) {
    return StrCat(when, "The update ratio of this layer was no finite number at step ",
                  Thousands(ratio->nonfinite_from()),
                  ": weights or updates overflowed. The learning rate is far too high.");
  }
  if (ratio == nullptr || ratio->history().empty()) {
    return StrCat(when,
                  "Whether an unusually large update came before cannot be told, as no "
                  "update_ratio of this layer is logged. ",
                  kUsualCauses);
  }
  if (ratio->judged_from() <= from) {
    return StrCat(when,
                  "No unusually large update came before. Biases that drift downwards do this: a "
                  "learning rate that is too high for long, or inputs that are all of one sign.");
  }
  const double peak = ratio->PeakUpTo(to);
  if (peak >= kLargeUpdateRatio) {
    return StrCat(when, "The update ratio of this layer was up to ", Number(peak), " by step ",
                  Thousands(to),
                  ", where about 0.001 is usual: the learning rate is probably too high from the "
                  "start.");
  }
  return StrCat(when,
                "That is too soon after the start to tell whether an unusually large update came "
                "before. ",
                kUsualCauses);
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
               "or inputs that are zero or not normalised."),
        "Initialise the weights by He's rule and the biases with 0 to 0.01, normalise the "
        "inputs, and check that the layer before is not dead itself."};
  }
  const DeadLayer* dead = EarlierDeadLayer(report, onset);
  if (dead != nullptr && dead->blocked_since < onset) {
    return {StrCat("Layer ", dead->layer, " was dead before, since step ",
                   Thousands(dead->blocked_since),
                   ". A layer behind it sees the same input for every sample and follows it."),
            StrCat("Repair ", dead->layer, " first; this layer should come back with it.")};
  }
  const auto [from, to] = TimeOfCause(report, onset);
  const ScalarTrack* ratio = report.context.LayerUpdateRatio(report.layer);
  const ScalarTrack* rate = report.context.RunLearningRate();
  const auto ratio_jump = ratio ? ratio->LargestJump(from, to) : std::nullopt;
  const auto rate_jump = rate ? rate->LargestJump(from, to) : std::nullopt;
  if (dead != nullptr && !ratio_jump && !rate_jump) {
    return {StrCat("Layer ", dead->layer, " had lost half of its units before, by step ",
                   Thousands(dead->since),
                   ". A layer behind it gets a poorer input and may follow it."),
            StrCat("Look at ", dead->layer, " first; this layer may come back with it.")};
  }
  if (!ratio_jump && !rate_jump) {
    return {
        SteadyCause(report, from, to),
        "Divide the learning rate by 3 to 10 or warm it up, normalise the layer's inputs, or use "
        "LeakyReLU or GELU. Re-initialise the dead units: they cannot recover on their own."};
  }
  std::string cause;
  if (ratio_jump) cause = DescribeJump("The update ratio of this layer", *ratio_jump) + ". ";
  if (rate_jump) cause += DescribeJump("The learning rate", *rate_jump) + ". ";
  if (IsLasting(ratio_jump) || IsLasting(rate_jump)) {
    return {cause +
                "Steps that are too large for long, or all of one direction, push biases so far "
                "down that no input reaches the units any more.",
            "Look for what changed then: learning rate, loss weights, a regulariser, the data. "
            "Divide the learning rate by 3 to 10 or clip gradients. Re-initialise the dead units: "
            "they cannot recover on their own."};
  }
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
