// The store's names of its enumerators, for a tree in which the store itself is not built.
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::store {

const char* DataKindName(DataKind kind) {
  return kind == DataKind::kScalar ? "scalar" : "other";
}

const char* RunStatusName(RunStatus status) {
  return status == RunStatus::kRunning ? "running" : "finished";
}

const char* SeverityName(Severity severity) {
  return severity == Severity::kCritical ? "critical" : "info";
}

const char* CheckStateName(Check::State state) {
  return state == Check::State::kOk ? "ok" : "not_checked";
}

}  // namespace spirogram::store
