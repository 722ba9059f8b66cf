// What the diagnosis says of the runs of a store, for the command line.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace spirogram::app {

struct DiagnosedRun {
  store::Run run;
  store::Diagnosis diagnosis;
  std::vector<store::Warning> warnings;  // what of its files could not be read
};

// Every run of the store, newest first.
Result<std::vector<DiagnosedRun>> DiagnoseAllRuns(store::Store& store);

// Prints the findings, what was lost and not checked, and a line that counts the checks to stdout.
void PrintDiagnosedRun(const DiagnosedRun& run);

}  // namespace spirogram::app
