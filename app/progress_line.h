// One line on stderr that says how far a training run is.
#pragma once

#include <string>

#include "trainer/train.h"

namespace spirogram::app {

// Rewrites its line in place on a terminal; elsewhere prints a line every five seconds. Not
// thread-safe.
class ProgressLine {
 public:
  // `name` stands in front: the run's.
  explicit ProgressLine(std::string name);

  void Show(const trainer::Progress& progress);
  // Ends the line, so that what follows stands below it.
  void End();

 private:
  const std::string name_;
  const bool is_terminal_;
  double last_shown_seconds_ = -1e9;
  bool is_open_ = false;
};

// "1 min 05 s", "12 s"
std::string FormatSeconds(double seconds);

}  // namespace spirogram::app
