// Rule "one_answer": a classifier that gives the same answer to every sample, the most frequent
// class, and so is right exactly as often at each evaluation, however its weights change.
//
// Its accuracy is no higher than the share of that class, which may be 95 %, and its loss is the
// entropy of the shares: that of one who knows how frequent the classes are and looks at nothing.
// docs/diagnosis.md has the conditions. Pure functions.
#pragma once

#include "diagnosis/loss_and_accuracy.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

// Appends the run's finding, if any, and the check. `diagnosis` holds what was told before: silent
// where a loss is flat, since the model then answers alike for that reason.
void ConcludeOneAnswer(const LossAndAccuracy& measures, store::Diagnosis* diagnosis);

}  // namespace spirogram::diagnosis
