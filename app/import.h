// spirogram import: metrics from CSV and JSON lines as runs of a log directory.
#pragma once

#include "transfer/import.h"

namespace spirogram::app {

// Returns the program's exit code.
int Import(const transfer::ImportOptions& options);

}  // namespace spirogram::app
