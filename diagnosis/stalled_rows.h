// Three rules over the rows of an embedding table.
//
//   stalled_rows          rows that batches use and that do not learn: no gradient, no update, or
//   an
//                         update far too small. Rows never touched are stated and never counted.
//   padding_row           one row that many batches use gets no gradient: is it the padding row?
//   untouched_rows_move   rows change though no batch used them (a fact, never an alarm)
//
// The thresholds and their sources are in docs/diagnosis.md. One object per table. Not thread-safe.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/episode.h"
#include "diagnosis/gathered_window.h"
#include "diagnosis/history.h"
#include "diagnosis/row_states.h"
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

// A tally, seen as the measurement of one condition.
struct RowMeasurement {
  double share = 0;
  RowTally tally;
};

// Curves that prove a finding about rows; all of the same table.
struct RowHistories {
  std::array<History, kRowFaults> stalled_share;  // of the judged rows
  History unseen_share;                           // of all rows
  History movement;                               // median of the judged rows
  History untouched_share;                        // of the rows, moved without being used
  History silent_hot_share;                       // of the touches
};

class StalledRows {
 public:
  explicit StalledRows(std::string table);

  // REQUIRES: the window comes after the last one.
  void Add(const store::EntityStats& window);

  TableSpeed GetSpeed() const;

  // Appends the table's findings and its checks.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  // One condition of the table that opens and closes.
  struct Condition {
    explicit Condition(const BreachPolicy& policy) : breach(policy) {}

    void Observe(const Observation& observation, bool is_now_critical,
                 const RowMeasurement& measurement);
    void Abandon(Step step, const RowTally& tally);

    Breach breach;
    Episodes<RowMeasurement> episodes;
    bool is_critical = false;
  };

  std::string Refuse(const store::EntityStats& window) const;
  void Judge(const store::EntityStats& window);
  void Restart(Step step, int64_t rows);
  void JudgeFaults();
  void JudgePadding();
  void JudgeUntouched();
  // Whether the rest of the model moves so much faster that kSlowForTheModel holds.
  bool IsSlowForTheModel(const RowTally& tally, const Context& context) const;
  // Which of the two faults of pace is told: the one that is open, or more rows have.
  RowFault PaceFault(const Context& context) const;
  void ConcludeStalled(const Context& context, store::Diagnosis* diagnosis) const;
  store::Check MakeCheck(const char* rule, bool has_fired, RowFault pace) const;
  std::string DescribeProgress(RowFault pace) const;
  std::string DescribePadding() const;

  std::string table_;
  std::string refusal_;  // why the latest window was not judged
  GatheredWindow gathered_;
  std::unique_ptr<RowStates> states_;
  std::optional<int64_t> padding_row_;
  bool has_gradient_ = false;
  bool has_movement_ = false;  // update_norm and row_norm
  int windows_judged_ = 0;     // since the (re)start
  int windows_ = 0;
  RowTally tally_;
  std::array<Condition, kRowFaults> faults_;
  Condition padding_;
  Condition untouched_;
  RowHistories histories_;
};

}  // namespace spirogram::diagnosis
