#include "diagnosis/stalled_rows.h"

#include <algorithm>
#include <cmath>

#include "base/str.h"
#include "diagnosis/stalled_rows_report.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Severity;

constexpr int64_t kRowsMax = int64_t{1} << 22;
constexpr int kPaceWindows = 3;
constexpr double kShareCritical = 0.5;
constexpr double kShareCriticalEnds = 0.4;
constexpr double kShareClear = 0.01;
constexpr double kStillRising = 1.4;  // a window this much faster than the average is a warm-up
constexpr double kUntouchedShare = 0.10;
constexpr double kUntouchedShareClear = 0.05;
constexpr int64_t kUntouchedRowsMin = 3;
constexpr double kSlowForTheModelTimes = 100;

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

BreachPolicy OneWindow() {
  return {};
}

BreachPolicy InARow(int windows) {
  BreachPolicy policy;
  policy.breaches = windows;
  policy.of_windows = windows;
  return policy;
}

bool IsAboutPace(RowFault fault) {
  return fault == RowFault::kSlow || fault == RowFault::kSlowForTheModel;
}

}  // namespace

StalledRows::StalledRows(std::string table)
    : table_(std::move(table)),
      faults_{Condition(OneWindow()), Condition(OneWindow()), Condition(InARow(kPaceWindows)),
              Condition(InARow(kPaceWindows))},
      padding_(InARow(2)),
      untouched_(InARow(2)) {}

void StalledRows::Condition::Observe(const Observation& observation, bool is_now_critical,
                                     const RowMeasurement& measurement) {
  is_critical = is_now_critical;
  episodes.Update(breach.Observe(observation), breach, is_critical, measurement);
}

void StalledRows::Condition::Abandon(Step step, const RowTally& tally) {
  episodes.Update(breach.Abandon(step), breach, is_critical, {0, tally});
  is_critical = false;
}

void StalledRows::Add(const store::EntityStats& window) {
  refusal_ = Refuse(window);
  if (!refusal_.empty()) {
    if (IsDeclared(window, "frozen") && states_) Restart(window.step, states_->size());
    return;
  }
  if (!states_ || states_->size() != window.entities) Restart(window.step, window.entities);
  padding_row_ = ParseNumber<int64_t>(Attribute(window, "padding_row"));
  has_gradient_ = !Column(window, "gradient_square").empty();
  has_movement_ = !Column(window, "update_norm").empty() && !Column(window, "row_norm").empty();
  if (const store::EntityStats* enough = gathered_.Add(window)) Judge(*enough);
}

void StalledRows::Judge(const store::EntityStats& window) {
  ++windows_;
  tally_ = states_->Add(window, padding_row_);
  histories_.unseen_share.Add(tally_.step, Share(tally_.unseen, tally_.rows));
  JudgeUntouched();
  if (!tally_.is_judgeable()) return;
  ++windows_judged_;
  histories_.movement.Add(tally_.step, tally_.movement);
  JudgeFaults();
  JudgePadding();
}

std::string StalledRows::Refuse(const store::EntityStats& window) const {
  if (window.entity != store::EntityStats::Entity::kRow) {
    return "the statistics are of units, not of rows";
  }
  if (IsDeclared(window, "frozen")) return "declared frozen";
  if (window.entities <= 0) return "the statistics name no rows";
  if (window.entities > kRowsMax) {
    return StrCat(Counted(window.entities, "row"), ", at most ", Thousands(kRowsMax),
                  " are followed");
  }
  if (Column(window, "touches").empty()) return "the statistics lack a whole column touches";
  if (Column(window, "gradient_square").empty() && Column(window, "update_norm").empty()) {
    return "the statistics have neither a whole column gradient_square nor update_norm";
  }
  return "";
}

void StalledRows::Restart(Step step, int64_t rows) {
  for (Condition& condition : faults_) condition.Abandon(step, tally_);
  padding_.Abandon(step, tally_);
  untouched_.Abandon(step, tally_);
  states_ = std::make_unique<RowStates>(rows);
  gathered_.Clear();
  tally_ = RowTally();
  windows_ = 0;
  windows_judged_ = 0;
}

void StalledRows::JudgeFaults() {
  // While the pace still grows (warm-up), what rows have moved so far says nothing about the end.
  const bool is_rising = tally_.window_update_ratio > kStillRising * tally_.update_ratio;
  for (size_t i = 0; i < kRowFaults; ++i) {
    const RowFaultTally& stalled = tally_.faults[i];
    const double share = Share(stalled.rows, tally_.judged);
    histories_.stalled_share[i].Add(tally_.step, share);
    if (IsAboutPace(static_cast<RowFault>(i)) && is_rising) continue;
    Observation observation;
    observation.first_step = tally_.first_step;
    observation.step = tally_.step;
    observation.is_breached = stalled.rows >= tally_.needed;
    observation.is_clear = share < kShareClear;
    observation.onset = stalled.onset;
    Condition& condition = faults_[i];
    const double critical = condition.is_critical ? kShareCriticalEnds : kShareCritical;
    condition.Observe(observation, share >= critical, {share, tally_});
  }
}

void StalledRows::JudgePadding() {
  // Where many rows get no gradient, the one is no special case.
  const bool is_alone = tally_.silent < tally_.needed;
  Observation observation;
  observation.first_step = tally_.first_step;
  observation.step = tally_.step;
  observation.is_breached = tally_.silent_hot_row >= 0 && is_alone;
  observation.is_clear = tally_.silent_hot_row < 0;
  observation.onset = tally_.first_step;
  histories_.silent_hot_share.Add(tally_.step, tally_.silent_hot_share);
  padding_.Observe(observation, false, {tally_.silent_hot_share, tally_});
}

void StalledRows::JudgeUntouched() {
  const double share = Share(tally_.moved_untouched, tally_.unseen + tally_.idle);
  Observation observation;
  observation.first_step = tally_.first_step;
  observation.step = tally_.step;
  observation.is_breached = share >= kUntouchedShare && tally_.moved_untouched >= kUntouchedRowsMin;
  observation.is_clear = share < kUntouchedShareClear;
  observation.onset = tally_.first_step;
  histories_.untouched_share.Add(tally_.step, share);
  untouched_.Observe(observation, false, {share, tally_});
}

TableSpeed StalledRows::GetSpeed() const {
  return {table_, tally_.update_ratio, tally_.update, tally_.gradient};
}

void StalledRows::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  const auto is_open_since = [diagnosis](size_t first) {
    return std::any_of(diagnosis->findings.begin() + static_cast<std::ptrdiff_t>(first),
                       diagnosis->findings.end(),
                       [](const store::Finding& finding) { return finding.is_open; });
  };
  const RowFault pace = PaceFault(context);
  size_t first = diagnosis->findings.size();
  ConcludeStalled(context, diagnosis);
  diagnosis->checks.push_back(MakeCheck("stalled_rows", is_open_since(first), pace));

  first = diagnosis->findings.size();
  for (const auto& episode : padding_.episodes.all()) {
    const RowReport report{table_, episode.told().tally, histories_, context};
    diagnosis->findings.push_back(ReportPadding(report, episode.incident));
  }
  diagnosis->checks.push_back(MakeCheck("padding_row", is_open_since(first), pace));

  first = diagnosis->findings.size();
  for (const auto& episode : untouched_.episodes.all()) {
    const RowReport report{table_, episode.told().tally, histories_, context};
    diagnosis->findings.push_back(ReportUntouched(report, episode.incident));
  }
  diagnosis->checks.push_back(MakeCheck("untouched_rows_move", is_open_since(first), pace));
}

bool StalledRows::IsSlowForTheModel(const RowTally& tally, const Context& context) const {
  const RowReport report{table_, tally, histories_, context};
  const auto pace = ComparePace(report, RowFault::kSlowForTheModel);
  return pace && pace->times >= kSlowForTheModelTimes && !pace->takes_same_steps();
}

RowFault StalledRows::PaceFault(const Context& context) const {
  constexpr auto kSlow = static_cast<size_t>(RowFault::kSlow);
  constexpr auto kForTheModel = static_cast<size_t>(RowFault::kSlowForTheModel);
  const auto& slow = faults_[kSlow].episodes.all();
  const auto& for_the_model = faults_[kForTheModel].episodes.all();
  if (for_the_model.empty()) return RowFault::kSlow;
  if (!IsSlowForTheModel(for_the_model.back().told().tally, context)) return RowFault::kSlow;
  if (slow.empty()) return RowFault::kSlowForTheModel;
  const auto weight = [](const auto& episode, size_t fault) {
    return std::pair(episode.incident.is_open, episode.told().tally.faults[fault].rows);
  };
  const bool is_wider = weight(for_the_model.back(), kForTheModel) > weight(slow.back(), kSlow);
  return is_wider ? RowFault::kSlowForTheModel : RowFault::kSlow;
}

void StalledRows::ConcludeStalled(const Context& context, store::Diagnosis* diagnosis) const {
  const RowFault told_pace = PaceFault(context);
  for (size_t i = 0; i < kRowFaults; ++i) {
    const auto fault = static_cast<RowFault>(i);
    if (IsAboutPace(fault) && fault != told_pace) continue;
    for (const auto& episode : faults_[i].episodes.all()) {
      const RowReport report{table_, episode.told().tally, histories_, context};
      Severity severity = episode.severity;
      if (fault == RowFault::kSlow) {
        const auto pace = ComparePace(report, fault);
        // Everything is slow, or the rows are large: no step is missing, and no row needs repair.
        const bool is_no_fault = pace && (pace->is_model_slow() || pace->takes_same_steps());
        if (is_no_fault) severity = Severity::kInfo;
      } else if (fault == RowFault::kSlowForTheModel) {
        if (!IsSlowForTheModel(report.tally, context)) continue;
      }
      diagnosis->findings.push_back(ReportStalled(report, fault, episode.incident, severity));
    }
  }
}

std::string StalledRows::DescribeProgress(RowFault pace) const {
  int64_t stalled = 0;
  for (const RowFault fault : {RowFault::kNoGradient, RowFault::kNoUpdate, pace}) {
    stalled += tally_.faults[static_cast<size_t>(fault)].rows;
  }
  std::string text =
      StrCat(Thousands(stalled), " of ", Counted(tally_.judged, "row"), " in frequent use ",
             IsAre(stalled), " stalled; ", Thousands(tally_.unseen), " of ",
             Counted(tally_.rows, "row"), " ", WasWere(tally_.unseen), " never touched");
  if (!has_gradient_) text += "; missing gradients are not checked: no column gradient_square";
  if (!has_movement_) text += "; movement is not checked: no columns update_norm and row_norm";
  return text;
}

std::string StalledRows::DescribePadding() const {
  const std::string declared =
      padding_row_ ? StrCat("; row ", *padding_row_, " is declared as padding") : "";
  if (tally_.silent_hot_row < 0) {
    return StrCat("every row with 1 % or more of all uses has had a gradient", declared);
  }
  return StrCat("row ", tally_.silent_hot_row, " holds ", Percent(tally_.silent_hot_share),
                " of all uses and never had a gradient", declared);
}

Check StalledRows::MakeCheck(const char* rule, bool has_fired, RowFault pace) const {
  Check check{rule, table_, Check::State::kOk, ""};
  const bool is_about_padding = rule == std::string_view("padding_row");
  const bool is_about_use = rule != std::string_view("untouched_rows_move");
  const std::string progress =
      is_about_padding ? DescribePadding()
      : is_about_use   ? DescribeProgress(pace)
                       : StrCat(Thousands(tally_.moved_untouched), " of ",
                                Counted(tally_.unseen + tally_.idle, "unused row"), " moved");
  if (!refusal_.empty()) {
    check.state = Check::State::kNotChecked;
    check.reason = refusal_;
  } else if (is_about_padding && !has_gradient_ && !has_fired) {
    check.state = Check::State::kNotChecked;
    check.reason = "no column gradient_square";
  } else if (has_fired) {
    check.state = Check::State::kFired;
    check.reason = progress;
  } else if (is_about_use && 2 * tally_.unknown > tally_.judged) {
    check.state = Check::State::kNotChecked;
    check.reason = StrCat("the statistics of ", Thousands(tally_.unknown), " of ",
                          Counted(tally_.judged, "row"), " in frequent use are NaN or Inf");
  } else if (is_about_use && windows_judged_ == 0 && windows_ > 0) {
    check.state = Check::State::kWarming;
    check.reason = StrCat("no window yet in which enough rows were touched 5 times: ",
                          Thousands(tally_.judged), " of ", Thousands(RowStates::kSmallTable));
  } else if (is_about_use && windows_judged_ < kPaceWindows) {
    check.state = Check::State::kWarming;
    check.reason = StrCat(windows_judged_, " of ", kPaceWindows, " windows");
  } else if (!is_about_use && windows_ < 2) {
    check.state = Check::State::kWarming;
    check.reason = StrCat(windows_, " of 2 windows");
  } else {
    check.reason = progress;
  }
  return check;
}

}  // namespace spirogram::diagnosis
