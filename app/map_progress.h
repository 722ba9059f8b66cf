// One line on stderr that says how far a map is.
#pragma once

#include <chrono>
#include <string>

#include "mapping/map.h"

namespace spirogram::app {

// A bar that is rewritten in place on a terminal; elsewhere a line every five seconds. Not
// thread-safe.
class MapProgressLine {
 public:
  MapProgressLine();

  void Show(const mapping::MapProgress& progress);
  // A line of its own, above.
  void Note(const std::string& note);
  // Takes the bar away, so that what follows stands in its place.
  void End();

 private:
  using Clock = std::chrono::steady_clock;

  const bool is_terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_;
  std::string last_stage_;
  bool is_open_ = false;
};

}  // namespace spirogram::app
