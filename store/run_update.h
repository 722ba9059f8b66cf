// What an event says of its run and its session, whatever values it holds. Touches memory only.
#pragma once

#include "base/types.h"
#include "store/event_parser.h"
#include "store/run_state.h"

namespace spirogram::store {

// REQUIRES: the file has an open session.
SessionState& SessionOf(const FileState& file, RunState* run);

// Opens one where the file has none, and where the event starts another.
void OpenSession(const ParsedEvent& event, WallTime wall_time, RunState* run, FileState* file);

// Past this point a wall time is finite: one that is not takes the place of the last one known.
WallTime FiniteWallTime(const ParsedEvent& event, const RunState& run, const FileState& file);

void TouchRun(const ParsedEvent& event, WallTime wall_time, RunState* run);

// The newest word on the end counts. A STOP only says that the writer closed: it does not take back
// what the session said of its success.
void SayEnd(RunEnd end, WallTime wall_time, RunState* run);

// Of an event with values.
inline void TrackStep(Step step, WallTime wall_time, RunState* run, FileState* file) {
  if (file->step_time && step == file->step) return;
  if (file->step_time) run->step_gaps.Add(wall_time - *file->step_time);
  file->step_time = wall_time;
  file->step = step;
}

}  // namespace spirogram::store
