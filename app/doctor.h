// spirogram doctor LOGDIR: loads a logdir, diagnoses every run and prints the findings.
#pragma once

#include <string>

namespace spirogram::app {

struct DoctorOptions {
  std::string logdir;
  bool json = false;  // one JSON document on stdout instead of text
  // "info", "warning" or "critical": exit code kExitFindings when an open finding is at least as
  // severe. Empty: never.
  std::string fail_on;
};

// Returns the program's exit code.
int Doctor(const DoctorOptions& options);

}  // namespace spirogram::app
