// Carries what the store holds of a run to its diagnosis: the join between two modules that do not
// know each other's verbs.
#pragma once

#include "base/result.h"
#include "diagnosis/diagnosis.h"
#include "store/store.h"

namespace spirogram::app {

// Adds to `diagnosis` every window of the run that it has not seen, and the scalars that explain
// causes. REQUIRES: `diagnosis` follows this run and no other.
Status AddNewEvidence(store::Store& store, store::RunId run, diagnosis::RunDiagnosis* diagnosis);

}  // namespace spirogram::app
