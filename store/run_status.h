// What state a run is in, told from evidence by a pure function. docs/formats.md has the rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/types.h"

namespace spirogram::store {

enum class RunStatus {
  kRunning,   // its last event is not older than its rhythm explains
  kFinished,  // said so: hparams session_end SUCCESS, or a SessionLog STOP
  kFailed,    // said so: hparams session_end FAILURE
  kStalled,   // silent for longer than its rhythm explains, but alive not long ago
  kCrashed,   // silent, and a file of its last session ends within a record
  kStopped,   // silent for long and never said that it ended, or said so without saying how
};

const char* RunStatusName(RunStatus status);

// What a run said of its end. The numbers stand in the database (runs.end_status).
enum class RunEnd { kNotSaid = 0, kSuccess = 1, kFailure = 2, kStop = 3, kUnknown = 4 };

// Whether hparams' session end said it: then a SessionLog STOP adds nothing.
bool IsSessionEnd(RunEnd end);

struct RunEvidence {
  bool has_events = false;
  WallTime last_wall_time = 0;
  RunEnd end = RunEnd::kNotSaid;
  std::optional<WallTime> end_time =
      std::nullopt;  // of the event that said so; not known for old databases
  WallTime newest_session_start = 0;
  int64_t sessions = 0;
  double usual_gap_s = 0;  // median interval between its last steps; 0: not known
  // The file of the last session that ends within a record; no name: there is none.
  std::string torn_file = {};
  uint64_t torn_offset = 0;  // where that record begins
  uint64_t torn_bytes = 0;   // what there is of it
};

// Silence that counts as such, in seconds: ten times the run's usual gap, and at least a minute.
double SilenceLimit(const RunEvidence& evidence);

struct RunVerdict {
  RunStatus status = RunStatus::kStopped;
  std::string reason;  // one sentence, printed as it is
};

RunVerdict JudgeRun(const RunEvidence& evidence, WallTime now);

}  // namespace spirogram::store
