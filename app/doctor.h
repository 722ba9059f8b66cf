// spirogram doctor LOGDIR: loads a logdir, diagnoses every run and prints the findings.
#pragma once

#include <optional>
#include <string>

#include "store/finding.h"

namespace spirogram::app {

struct DoctorOptions {
  std::string logdir;
  bool json = false;  // one JSON document on stdout instead of text
  // Exit code kExitFindings when an open finding is at least as severe.
  std::optional<store::Severity> fail_on;
};

// Returns the program's exit code.
int Doctor(const DoctorOptions& options);

}  // namespace spirogram::app
