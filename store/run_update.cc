#include "store/run_update.h"

#include <algorithm>
#include <cmath>

namespace spirogram::store {

SessionState& SessionOf(const FileState& file, RunState* run) {
  return *std::find_if(run->sessions.rbegin(), run->sessions.rend(),
                       [&](const SessionState& s) { return s.session.id == file.session_id; });
}

void OpenSession(const ParsedEvent& event, WallTime wall_time, RunState* run, FileState* file) {
  const bool starts_again = event.is_session_start && file->session_has_values;
  if (file->session_id == 0 || starts_again) {
    SessionState state;
    state.file_id = file->id;
    state.session.id = run->next_session_id++;
    state.session.file = file->name;
    state.session.first_wall_time = wall_time;
    state.session.last_wall_time = wall_time;
    run->sessions.push_back(state);
    file->session_id = state.session.id;
    file->session_has_values = false;
  }
  SessionState& state = SessionOf(*file, run);
  if (event.is_session_start) state.session.purge_step = event.step;
  state.session.last_wall_time = std::max(state.session.last_wall_time, wall_time);
  state.is_dirty = true;
}

WallTime FiniteWallTime(const ParsedEvent& event, const RunState& run, const FileState& file) {
  if (std::isfinite(event.wall_time)) return event.wall_time;
  for (const SessionState& state : run.sessions) {
    if (state.session.id == file.session_id) return state.session.last_wall_time;
  }
  return run.last_wall_time;
}

void TouchRun(const ParsedEvent& event, WallTime wall_time, RunState* run) {
  if (!run->has_events) {
    run->has_events = true;
    run->start_time = wall_time;
    run->last_wall_time = wall_time;
    run->last_step = event.values.empty() ? 0 : event.step;
  }
  run->start_time = std::min(run->start_time, wall_time);
  run->last_wall_time = std::max(run->last_wall_time, wall_time);
  if (!event.values.empty()) run->last_step = std::max(run->last_step, event.step);
}

void SayEnd(RunEnd end, WallTime wall_time, RunState* run) {
  if (run->end_time && wall_time < *run->end_time) return;
  const bool has_verdict = IsSessionEnd(static_cast<RunEnd>(run->end_status));
  const auto is_after_end = [&](const SessionState& state) {
    return run->end_time && state.session.first_wall_time > *run->end_time;
  };
  if (end == RunEnd::kStop && has_verdict &&
      std::none_of(run->sessions.begin(), run->sessions.end(), is_after_end)) {
    return;
  }
  run->end_status = static_cast<int64_t>(end);
  run->end_time = wall_time;
}

}  // namespace spirogram::store
