// Rule "double_softmax": a classifier whose probabilities went through softmax once more, inside of
// the loss. It learns, slowly, and its loss never comes below a floor well above 0.
//
// The second softmax sees numbers of 0 to 1. Of C classes, a sure answer then has a loss of
// ln(e + C - 1) - 1 where it is right and ln(e + C - 1) where it is wrong, so that the loss and the
// accuracy of the same data have a sum that stays the same, ln(e + C - 1), while both move. No loss
// of an honest classifier does that: what it is right in tells how large its loss may be.
// docs/diagnosis.md has the conditions. Pure functions.
#pragma once

#include "diagnosis/loss_and_accuracy.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

// Appends the run's finding, if any, and the check.
void ConcludeDoubleSoftmax(const LossAndAccuracy& measures, store::Diagnosis* diagnosis);

}  // namespace spirogram::diagnosis
