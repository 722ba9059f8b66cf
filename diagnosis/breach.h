// The life of an incident: when a condition opens a finding, from which step it held, and when it
// is over. Keeps a detector from crying at every flicker and from repeating itself.
//
//   kOk -> kPending (some breaches) -> kOpen (k of the last n) -> kResolving (clear) -> kClosed
//
// The condition to open and the condition to close differ, so a value that hovers at the threshold
// does not open and close in turns. A condition that comes back soon is the same incident.
// Not thread-safe.
#pragma once

#include <deque>

#include "base/types.h"

namespace spirogram::diagnosis {

struct BreachPolicy {
  int breaches = 1;           // k: breached windows that open an incident ...
  int of_windows = 1;         // n: ... among this many
  int close_windows = 2;      // clear windows in a row that close it, and
  double close_steps = 20;    // they must span this many steps
  double reopen_steps = 200;  // a breach this soon after the close reopens the same incident
};

// What one window says of the condition. A window that is neither breached nor clear holds the
// state.
struct Observation {
  Step first_step = 0;  // of the window
  Step step = 0;        // last step of the window
  bool is_breached = false;
  bool is_clear = false;
  Step onset = 0;  // where the breach began as far as this window can date it back
};

struct Incident {
  Step onset = 0;     // earliest onset among the windows that opened it
  Step detected = 0;  // last step of the window that opened it
  Step closed = 0;    // last step of the first clear window
  bool is_open = true;
  int reopened = 0;
};

class Breach {
 public:
  enum class State { kOk, kPending, kOpen, kResolving, kClosed };
  enum class Change { kNone, kOpened, kReopened, kClosed };

  explicit Breach(const BreachPolicy& policy) : policy_(policy) {}

  Change Observe(const Observation& observation);

  // Ends the observation at `step`, e.g. because the layer was replaced: an open incident closes.
  Change Abandon(Step step);

  State state() const { return state_; }
  bool is_open() const { return state_ == State::kOpen || state_ == State::kResolving; }
  // The latest incident. REQUIRES: one was opened.
  const Incident& incident() const { return incident_; }

 private:
  struct Past {
    bool is_breached;
    Step onset;
  };

  Change ObserveWhileOpen(const Observation& observation);
  Change ObserveWhileShut(const Observation& observation);
  Change Open(const Observation& observation);

  BreachPolicy policy_;
  State state_ = State::kOk;
  std::deque<Past> past_;  // the last `of_windows` windows
  Incident incident_;
  bool has_incident_ = false;
  Step last_step_open_ = 0;  // of the window that closed the incident
  int clear_windows_ = 0;
  Step clear_first_step_ = 0;
  Step clear_step_ = 0;
};

}  // namespace spirogram::diagnosis
