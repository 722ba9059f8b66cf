// What the diagnosis found, as it is kept and shown. Made by diagnosis/, kept by store/, shown by
// web/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"

namespace spirogram::store {

enum class Severity { kInfo, kWarning, kCritical };
const char* SeverityName(Severity severity);  // "info", "warning", "critical"

// A curve that proves a finding: drawn as it is, with the threshold as a line.
struct EvidenceSeries {
  std::string label;  // "dead share of layer hidden_1"
  std::string unit;   // "share of units"; axis title
  std::vector<Step> step;
  std::vector<double> value;  // as many as step
  bool has_threshold = false;
  double threshold = 0;
  bool is_log = false;  // better drawn on a logarithmic axis

  bool operator==(const EvidenceSeries&) const = default;
};

struct Finding {
  std::string rule;    // "dead_units", "stalled_rows"
  std::string entity;  // path of the layer or table: "hidden_1", "user_embedding"
  Severity severity = Severity::kInfo;
  bool is_open = true;     // false once the condition has gone; closed_step then says when
  Step onset_step = 0;     // first step of the breach that led here
  Step detected_step = 0;  // when it was certain
  Step closed_step = 0;
  std::string title;    // one line: "38 of 64 units of hidden_1 are dead"
  std::string summary;  // a few sentences with the numbers: value, baseline, threshold, window
  std::string cause;    // the probable cause and the facts that speak for it
  std::string advice;   // what to try
  double value = 0;     // the measured quantity, e.g. the dead share
  double threshold = 0;
  int64_t affected = 0;  // units or rows concerned
  int64_t total = 0;
  std::vector<int64_t> ids;              // at most 50 of the affected ones
  std::vector<EvidenceSeries> evidence;  // at most 3

  bool operator==(const Finding&) const = default;
};

// What a rule says of an entity besides findings, so that silence is never mistaken for health.
struct Check {
  enum class State { kFired, kOk, kNotChecked, kWarming };

  std::string rule;
  std::string entity;
  State state = State::kNotChecked;
  std::string reason;  // "no unit statistics are logged", "2 of 5 windows"

  bool operator==(const Check&) const = default;
};
const char* CheckStateName(Check::State state);  // "fired", "ok", "not_checked", "warming"

struct Diagnosis {
  std::vector<Finding> findings;  // worst first, then by when they were detected
  std::vector<Check> checks;

  bool operator==(const Diagnosis&) const = default;
};

}  // namespace spirogram::store
