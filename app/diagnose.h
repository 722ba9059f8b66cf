// Carries what the store holds of runs to the diagnosis: the join between two modules that do not
// know each other's verbs.
#pragma once

#include <vector>

#include "base/result.h"
#include "diagnosis/diagnosis.h"
#include "store/store.h"

namespace spirogram::app {

// Adds to `diagnosis` every window of the run that it has not seen, and the scalars that explain
// causes. REQUIRES: `diagnosis` follows this run and no other.
Status AddNewEvidence(store::Store& store, store::RunId run, diagnosis::RunDiagnosis* diagnosis);

struct DiagnosedRun {
  store::Run run;
  store::Diagnosis diagnosis;
};

// Every run of the store, newest first.
Result<std::vector<DiagnosedRun>> DiagnoseAllRuns(store::Store& store);

// Prints the findings and a line that counts the checks to stdout.
void PrintDiagnosedRun(const DiagnosedRun& run);

}  // namespace spirogram::app
