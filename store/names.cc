// The names by which the API calls the enumerations of answers.h and finding.h.
#include "store/answers.h"
#include "store/finding.h"
#include "store/storage.h"

namespace spirogram::store {

const char* DataKindName(DataKind kind) {
  switch (kind) {
    case DataKind::kScalar:
      return "scalar";
    case DataKind::kHistogram:
      return "histogram";
    case DataKind::kText:
      return "text";
    case DataKind::kImage:
      return "image";
    case DataKind::kHparams:
      return "hparams";
    case DataKind::kEmbedding:
      return "embedding";
    case DataKind::kEntityStats:
      return "entity_stats";
    case DataKind::kProfile:
      return "profile";
    case DataKind::kOther:
      return "other";
    case DataKind::kAudio:
      return "audio";
    case DataKind::kPrCurve:
      return "pr_curve";
    case DataKind::kMesh:
      return "mesh";
    case DataKind::kCustomScalars:
      return "custom_scalars";
    case DataKind::kGraph:
      return "graph";
  }
  return "other";
}

const char* RunStatusName(RunStatus status) {
  switch (status) {
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kFinished:
      return "finished";
    case RunStatus::kFailed:
      return "failed";
    case RunStatus::kStalled:
      return "stalled";
    case RunStatus::kCrashed:
      return "crashed";
    case RunStatus::kStopped:
      return "stopped";
  }
  return "stopped";
}

const char* SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "info";
}

const char* CheckStateName(Check::State state) {
  switch (state) {
    case Check::State::kFired:
      return "fired";
    case Check::State::kOk:
      return "ok";
    case Check::State::kNotChecked:
      return "not_checked";
    case Check::State::kWarming:
      return "warming";
  }
  return "not_checked";
}

const char* StorageHealthName(StorageState::Health health) {
  switch (health) {
    case StorageState::Health::kOk:
      return "ok";
    case StorageState::Health::kFull:
      return "full";
    case StorageState::Health::kFailing:
      return "failing";
  }
  return "failing";
}

}  // namespace spirogram::store
