#include "diagnosis/breach.h"

#include <algorithm>

#include "diagnosis/window.h"

namespace spirogram::diagnosis {

Breach::Change Breach::Observe(const Observation& observation) {
  return is_open() ? ObserveWhileOpen(observation) : ObserveWhileShut(observation);
}

Breach::Change Breach::ObserveWhileOpen(const Observation& observation) {
  if (!observation.is_clear) {
    state_ = State::kOpen;
    clear_windows_ = 0;
    return Change::kNone;
  }
  if (clear_windows_++ == 0) {
    clear_first_step_ = observation.first_step;
    clear_step_ = observation.step;
  }
  state_ = State::kResolving;
  const bool is_long = StepSpan(clear_first_step_, observation.step) >= policy_.close_steps;
  if (clear_windows_ < policy_.close_windows || !is_long) return Change::kNone;
  state_ = State::kClosed;
  past_.clear();
  last_step_open_ = observation.step;
  incident_.is_open = false;
  incident_.closed = clear_step_;
  return Change::kClosed;
}

Breach::Change Breach::ObserveWhileShut(const Observation& observation) {
  past_.push_back({observation.is_breached, observation.onset});
  if (static_cast<int>(past_.size()) > policy_.of_windows) past_.pop_front();
  const auto breaches =
      std::count_if(past_.begin(), past_.end(), [](const Past& past) { return past.is_breached; });
  if (breaches >= policy_.breaches) return Open(observation);
  const State calm = has_incident_ ? State::kClosed : State::kOk;
  state_ = breaches > 0 ? State::kPending : calm;
  return Change::kNone;
}

Breach::Change Breach::Open(const Observation& observation) {
  state_ = State::kOpen;
  clear_windows_ = 0;
  const bool is_same =
      has_incident_ && StepSpan(last_step_open_, observation.step) <= policy_.reopen_steps;
  if (is_same) {
    incident_.is_open = true;
    incident_.closed = 0;
    ++incident_.reopened;
    return Change::kReopened;
  }
  incident_ = Incident();
  incident_.onset = observation.onset;
  for (const Past& past : past_) {
    if (past.is_breached) incident_.onset = std::min(incident_.onset, past.onset);
  }
  incident_.detected = observation.step;
  has_incident_ = true;
  return Change::kOpened;
}

Breach::Change Breach::Abandon(Step step) {
  const bool was_open = is_open();
  past_.clear();
  clear_windows_ = 0;
  // What comes later is another thing, so it is never taken for the same incident.
  has_incident_ = false;
  state_ = State::kOk;
  if (!was_open) return Change::kNone;
  incident_.is_open = false;
  incident_.closed = step;
  return Change::kClosed;
}

}  // namespace spirogram::diagnosis
