// The words of the rules over embedding rows. Pure: measurements in, a finding out.
#pragma once

#include <optional>
#include <string>

#include "diagnosis/context.h"
#include "diagnosis/row_states.h"
#include "diagnosis/stalled_rows.h"

namespace spirogram::diagnosis {

// What a report is made from. All references outlive the call.
struct RowReport {
  const std::string& table;
  const RowTally& tally;
  const RowHistories& histories;
  const Context& context;
};

// How the pace of rows compares with the rest of the model.
struct PaceComparison {
  std::string with;  // "table user_embedding", "the layers"
  double times = 0;  // how much faster the others move
  bool is_table = false;
  double gradient_ratio = 0;  // gradient of the others / gradient here; 0 when unknown
  double update_ratio = 0;    // of the others
  double step_ratio = 0;      // update of the others / update here, both as norms; 0 when unknown

  // Whether the rows are no slower than all else: then they are no special case.
  bool is_model_slow() const { return times < 10 || update_ratio < kSlowRatio; }

  // Whether updates change the rows by about as much as those of the others: then they are slow for
  // their norm alone, which a large initialisation gives them, and no learning rate is to blame.
  bool takes_same_steps() const { return step_ratio > 0 && step_ratio < 10; }
};

// The rows that have this fault against the median of the other tables, or of the layers where
// there are no others; nothing when the run logs neither.
std::optional<PaceComparison> ComparePace(const RowReport& report, RowFault fault);

store::Finding ReportStalled(const RowReport& report, RowFault fault, const Incident& incident,
                             store::Severity severity);
store::Finding ReportPadding(const RowReport& report, const Incident& incident);
store::Finding ReportUntouched(const RowReport& report, const Incident& incident);

}  // namespace spirogram::diagnosis
