#include "diagnosis/stalled_rows_report.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Finding;
using store::Severity;

constexpr double kLearned = 0.01;

struct Explanation {
  std::string cause;
  std::string advice;
};

const RowFaultTally& Of(const RowTally& tally, RowFault fault) {
  return tally.faults[static_cast<size_t>(fault)];
}

std::string_view Failing(RowFault fault, int64_t rows, bool is_open) {
  const bool is_one = rows == 1;
  switch (fault) {
    case RowFault::kNoGradient:
      if (!is_open) return "got no gradient";
      return is_one ? "gets no gradient" : "get no gradient";
    case RowFault::kNoUpdate:
      if (!is_open) return "never changed";
      return is_one ? "never changes" : "never change";
    default:
      if (!is_open) return "hardly moved";
      return is_one ? "hardly moves" : "hardly move";
  }
}

std::string DescribeFault(const RowReport& report, RowFault fault) {
  const RowFaultTally& stalled = Of(report.tally, fault);
  const bool is_one = stalled.rows == 1;
  switch (fault) {
    case RowFault::kNoGradient:
      return StrCat(is_one ? "has" : "have", " a gradient of exactly 0 since step ",
                    Thousands(stalled.onset),
                    is_one ? ", though batches use it" : ", though batches use them");
    case RowFault::kNoUpdate:
      return StrCat(is_one ? "gets gradients but has" : "get gradients but have",
                    " not changed at all since step ", Thousands(stalled.onset));
    default:
      return StrCat(
          "get gradients but hardly move: all updates since a row's first use, added up, "
          "come to ",
          Percent(stalled.movement), " of its norm (median), or ", Number(stalled.update_ratio),
          " of the norm per update");
  }
}

std::string DescribeUnseen(const RowTally& tally) {
  if (tally.unseen == 0) return "Every row of the table was in a batch.";
  return StrCat(Thousands(tally.unseen), " of the ", Counted(tally.rows, "row"), " of the table ",
                WasWere(tally.unseen), " never in a batch; ",
                tally.unseen == 1 ? "it is" : "they are", " not counted.");
}

std::string Summarise(const RowReport& report, RowFault fault) {
  const RowTally& tally = report.tally;
  const RowFaultTally& stalled = Of(tally, fault);
  return StrCat(Thousands(stalled.rows), " of the ", Counted(tally.judged, "row"),
                " that batches used at least 5 times in ", StepRange(tally.first_step, tally.step),
                " (",
                Percent(static_cast<double>(stalled.rows) /
                        static_cast<double>(std::max<int64_t>(tally.judged, 1))),
                ") ", DescribeFault(report, fault),
                stalled.rows == 1 ? ". It is row " : ". Most used among them: rows ",
                IdList(stalled.ids, stalled.rows), ". ", DescribeUnseen(tally), " The alarm is at ",
                Counted(tally.needed, "row"), ".");
}

// The layer that died first, if one did by the end of the window in which the rows fell silent: a
// window of rows is longer than one of units, and its first step is all that is known of when.
const DeadLayer* DeadLayerBefore(const RowReport& report, Step onset) {
  const double window_end =
      static_cast<double>(onset) + StepSpan(report.tally.first_step, report.tally.step);
  const DeadLayer* first = nullptr;
  for (const DeadLayer& dead : report.context.dead_layers) {
    if (static_cast<double>(dead.since) > window_end) continue;
    if (first == nullptr || dead.since < first->since) first = &dead;
  }
  return first;
}

Explanation ExplainNoGradient(const RowReport& report, Step onset, bool is_most) {
  if (const DeadLayer* dead = DeadLayerBefore(report, onset)) {
    const std::string state =
        StrCat(Thousands(dead->dead), " of ", Counted(dead->units, "unit"), " of layer ",
               dead->layer, " are dead, half of the layer since step ", Thousands(dead->since));
    return {dead->is_blocked()
                ? StrCat(state, ": no gradient passes it on the way back to this table.")
                : StrCat(state,
                         ". For the samples of these rows, the units that are left may all be "
                         "silent; then no gradient passes the layer on the way back."),
            StrCat("Repair ", dead->layer, " first; these rows should learn again with it.")};
  }
  if (is_most) {
    return {
        "No gradient arrives at the table: its output is cut from the loss (detach, no_grad, "
        "argmax, a cast to integers), multiplied by zero, or the table is frozen without being "
        "declared so.",
        "Check that the loss depends on this table. If it is frozen on purpose, log the attribute "
        "frozen = true with its statistics."};
  }
  return {
      "The other rows of the table do get gradients, so the table is connected: these ids are "
      "masked, treated as padding, or their samples carry no loss.",
      "Look at how these ids reach the loss: padding index, masks, sample weights, a hash that "
      "maps them aside."};
}

Explanation ExplainNoUpdate(const RowReport& report, bool is_most) {
  const ScalarTrack* own = report.context.LearningRate(report.table);
  const ScalarTrack* rate = own ? own : report.context.RunLearningRate();
  if (rate != nullptr && rate->latest() == 0) {
    return {own ? "The learning rate of this table is logged as 0."
                : "The learning rate of the run is logged as 0.",
            "Check the learning-rate schedule."};
  }
  if (!is_most && report.tally.update_ratio < kSlowRatio) {
    return {
        "The other rows of the table hardly move either: the learning rate is so low that updates "
        "round to zero.",
        "Raise the learning rate; where it must be this low, keep master weights in float32."};
  }
  if (!is_most) {
    return {
        "Other rows of the table change, so the optimizer knows the table: updates of these rows "
        "are masked, or so small that they round to zero.",
        "Look for masks in the optimizer step; keep master weights in float32."};
  }
  return {
      "Gradients arrive but the optimizer never applies them: the table is in none of its "
      "parameter groups, its group's learning rate is 0, or the updates round to zero in the "
      "precision of the weights.",
      "Add the table to the optimizer (tables made after the optimizer are easily missed), check "
      "the learning rate of its group, and keep master weights in float32."};
}

// Gradients of about the same size and yet a far smaller update leave one suspect.
std::string BlameLearningRate(const RowReport& report, const std::optional<PaceComparison>& pace) {
  std::string cause = "The learning rate of this table is far too low. ";
  if (pace && !pace->is_model_slow()) {
    cause += StrCat("Relative to their norm, ", pace->with, " moves ", Number(pace->times),
                    " times as fast");
    cause += pace->is_table && pace->gradient_ratio > 0
                 ? StrCat(", with gradients of ", Number(pace->gradient_ratio), " times the size. ")
                 : std::string(". ");
  }
  const ScalarTrack* own = report.context.LearningRate(report.table);
  const ScalarTrack* rate = report.context.RunLearningRate();
  if (own != nullptr && rate != nullptr && own->latest() < rate->latest()) {
    cause += StrCat("It is logged as ", Number(own->latest()), "; that of the run as ",
                    Number(rate->latest()), ". ");
  }
  return cause;
}

Explanation ExplainSlow(const RowReport& report, RowFault fault, bool is_most) {
  const auto pace = ComparePace(report, fault);
  if (!is_most) {
    return {
        "Rows of the same table that are used as often move at least 10 times faster, so the "
        "table's learning rate is not to blame: the gradients of these rows are scaled down, "
        "clipped or masked, or an optimizer for sparse gradients passes them by.",
        "Compare the samples of these ids with others: sample weights, gradient hooks, per-row "
        "learning rates, and hash collisions."};
  }
  if (pace && pace->is_model_slow()) {
    return {
        StrCat("The rest of the model is about as slow (", pace->with, " moves by ",
               Number(pace->update_ratio), " of its norm per update, ", Number(pace->times),
               " times as fast): the learning rate of the run is far too low, or this is the end "
               "of its decay."),
        "If training should still make progress, raise the learning rate of the run."};
  }
  if (pace && pace->takes_same_steps()) {
    return {StrCat("Not the learning rate: an update changes these rows by as much as those of ",
                   pace->with, " (", Number(pace->step_ratio),
                   " times), but their norm is far larger, so that they turn slowly."),
            "Draw the table from a narrower distribution (a deviation of 0.01 to 0.1 is usual), or "
            "give it a larger learning rate."};
  }
  const bool is_gradient_tiny = pace && pace->is_table && pace->gradient_ratio > 0 &&
                                pace->gradient_ratio * 10 >= pace->times;
  if (is_gradient_tiny) {
    return {StrCat("The gradients of this table are far too small: those of ", pace->with, " are ",
                   Number(pace->gradient_ratio), " times as large, which explains why it moves ",
                   Number(pace->times), " times as fast."),
            "Check the weight of the loss that trains this table and any scale between its output "
            "and the loss; normalise, or use an optimizer that adapts to the gradient's size."};
  }
  const std::string advice =
      StrCat("Check the learning rate of the parameter group that holds ", report.table,
             " and raise it to that of the rest of the model; check that no schedule or multiplier "
             "lowers it.");
  if (pace) {
    std::string cause = BlameLearningRate(report, pace);
    cause.pop_back();  // the space for a sentence that does not follow
    return {std::move(cause), advice};
  }
  return {BlameLearningRate(report, pace) +
              "Nothing else is logged that it could be compared with, so a loss weight or a scale "
              "that makes its gradients tiny is possible, too.",
          advice};
}

Explanation Explain(const RowReport& report, RowFault fault, Step onset) {
  const RowTally& tally = report.tally;
  // Whether it is the table as a whole. For pace, rows that are too new to be judged do not count.
  const int64_t stalled = Of(tally, fault).rows;
  const bool is_exact = fault == RowFault::kNoGradient || fault == RowFault::kNoUpdate;
  const bool is_most = is_exact ? stalled * 10 >= tally.judged * 9 : stalled >= tally.peers * 10;
  switch (fault) {
    case RowFault::kNoGradient:
      return ExplainNoGradient(report, onset, is_most);
    case RowFault::kNoUpdate:
      return ExplainNoUpdate(report, is_most);
    default:
      return ExplainSlow(report, fault, is_most);
  }
}

void AddEvidence(const RowReport& report, RowFault fault, Finding* finding) {
  const RowHistories& histories = report.histories;
  auto share = histories.stalled_share[static_cast<size_t>(fault)].ToEvidence(
      StrCat("share of the used rows of ", report.table, " that ", Failing(fault, 2, true)),
      "share of rows", false);
  share.has_threshold = true;
  share.threshold = finding->threshold;
  auto movement = histories.movement.ToEvidence(
      StrCat("median movement of the used rows of ", report.table, " since first use"),
      "sum of updates / norm", true);
  movement.has_threshold = true;
  movement.threshold = kLearned;
  finding->evidence.push_back(std::move(share));
  finding->evidence.push_back(std::move(movement));
  finding->evidence.push_back(histories.unseen_share.ToEvidence(
      StrCat("share of the rows of ", report.table, " never in a batch"), "share of rows", false));
}

Finding Begin(const RowReport& report, const char* rule, const Incident& incident) {
  Finding finding;
  finding.rule = rule;
  finding.entity = report.table;
  finding.is_open = incident.is_open;
  finding.onset_step = incident.onset;
  finding.detected_step = incident.detected;
  finding.closed_step = incident.closed;
  return finding;
}

}  // namespace

std::optional<PaceComparison> ComparePace(const RowReport& report, RowFault fault) {
  const double update_ratio = Of(report.tally, fault).update_ratio;
  const double update = Of(report.tally, fault).update;
  std::vector<double> ratios;
  std::vector<double> updates;
  std::vector<double> gradients;
  std::string one_table;
  for (const TableSpeed& speed : report.context.table_speeds) {
    if (speed.table == report.table || !std::isfinite(speed.update_ratio)) continue;
    ratios.push_back(speed.update_ratio);
    updates.push_back(speed.update);
    if (std::isfinite(speed.gradient)) gradients.push_back(speed.gradient);
    one_table = speed.table;
  }
  PaceComparison pace;
  pace.is_table = !ratios.empty();
  if (pace.is_table) {
    pace.with = ratios.size() == 1 ? StrCat("table ", one_table) : "the median of the other tables";
    if (update > 0) pace.step_ratio = Median(std::move(updates)) / update;
    const double own = report.tally.gradient;
    if (!gradients.empty() && own > 0) pace.gradient_ratio = Median(std::move(gradients)) / own;
  } else {
    for (const auto& [layer, track] : report.context.layer_update_ratios) {
      if (!track.history().empty()) ratios.push_back(track.history().Median());
    }
    pace.with = "the median of the layers";
  }
  if (ratios.empty() || !(update_ratio > 0)) return std::nullopt;
  pace.update_ratio = Median(std::move(ratios));
  pace.times = pace.update_ratio / update_ratio;
  return pace;
}

Finding ReportStalled(const RowReport& report, RowFault fault, const Incident& incident,
                      Severity severity) {
  const RowTally& tally = report.tally;
  const RowFaultTally& stalled = Of(tally, fault);
  const double judged = static_cast<double>(std::max<int64_t>(tally.judged, 1));
  Finding finding = Begin(report, "stalled_rows", incident);
  finding.severity = severity;
  finding.affected = stalled.rows;
  finding.total = tally.judged;
  finding.ids = stalled.ids;
  finding.value = static_cast<double>(stalled.rows) / judged;
  finding.threshold = static_cast<double>(tally.needed) / judged;
  finding.title = StrCat(Thousands(stalled.rows), " of ", Counted(tally.judged, "used row"), " of ",
                         report.table, " ", Failing(fault, stalled.rows, incident.is_open));
  finding.summary = Summarise(report, fault);
  if (incident.reopened > 0) {
    finding.summary += StrCat(" It came back ", Counted(incident.reopened, "time"), ".");
  }
  Explanation explanation = Explain(report, fault, incident.onset);
  finding.cause = std::move(explanation.cause);
  finding.advice = std::move(explanation.advice);
  AddEvidence(report, fault, &finding);
  return finding;
}

Finding ReportPadding(const RowReport& report, const Incident& incident) {
  const RowTally& tally = report.tally;
  Finding finding = Begin(report, "padding_row", incident);
  finding.severity = Severity::kWarning;
  finding.affected = 1;
  finding.total = tally.rows;
  finding.value = tally.silent_hot_share;
  finding.threshold = 0.01;
  if (tally.silent_hot_row >= 0) finding.ids = {tally.silent_hot_row};
  finding.title = StrCat("row ", tally.silent_hot_row, " of ", report.table,
                         " is used often and gets no gradient");
  finding.summary =
      StrCat("Row ", tally.silent_hot_row, " holds ", Percent(tally.silent_hot_share),
             " of all uses of the table in ", StepRange(tally.first_step, tally.step),
             ", and its gradient is exactly 0. Rows that hold 1 % or more are looked at.");
  finding.cause =
      "It is the padding row without being declared so, or a real id is treated as padding: a "
      "common "
      "slip when ids start at 0 and padding_idx is 0.";
  finding.advice =
      StrCat("If it is the padding row, log the attribute padding_row = ", tally.silent_hot_row,
             ". If it stands for something, give padding an id of its own.");
  auto share = report.histories.silent_hot_share.ToEvidence(
      StrCat("uses of ", report.table, " that fall on a row without gradient"), "share of uses",
      false);
  share.has_threshold = true;
  share.threshold = finding.threshold;
  finding.evidence.push_back(std::move(share));
  return finding;
}

Finding ReportUntouched(const RowReport& report, const Incident& incident) {
  const RowTally& tally = report.tally;
  const int64_t untouched = tally.unseen + tally.idle;
  Finding finding = Begin(report, "untouched_rows_move", incident);
  finding.severity = Severity::kInfo;
  finding.affected = tally.moved_untouched;
  finding.total = untouched;
  finding.value = static_cast<double>(tally.moved_untouched) /
                  static_cast<double>(std::max<int64_t>(untouched, 1));
  finding.threshold = 0.10;
  finding.title = StrCat(Counted(tally.moved_untouched, "row"), " of ", report.table,
                         incident.is_open ? " move" : " moved", " without being used");
  finding.summary =
      StrCat(Thousands(tally.moved_untouched), " of the ", Counted(untouched, "row"),
             " that no batch used in ", StepRange(tally.first_step, tally.step), " changed; ",
             tally.moved_unseen == 0 ? std::string("none") : Thousands(tally.moved_unseen),
             " of them ", WasWere(tally.moved_unseen), " never used at all.");
  finding.cause = tally.moved_unseen > 0
                      ? "Rows that no batch ever used can only be moved by weight decay or by code "
                        "that writes to the whole table."
                      : "The optimizer keeps moving rows by the momentum of earlier gradients, as "
                        "Adam does with dense gradients.";
  finding.advice =
      "Harmless for most models. If rare rows drift, use an optimizer for sparse gradients, or "
      "leave "
      "weight decay off for embeddings.";
  auto share = report.histories.untouched_share.ToEvidence(
      StrCat("unused rows of ", report.table, " that moved"), "share of unused rows", false);
  share.has_threshold = true;
  share.threshold = finding.threshold;
  finding.evidence.push_back(std::move(share));
  return finding;
}

}  // namespace spirogram::diagnosis
