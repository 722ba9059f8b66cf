// What a classifier has that has learned nothing, or little. Pure functions.
#pragma once

namespace spirogram::diagnosis {

// How many classes a classifier has that answers all of them alike and so has this loss; 0 where
// it is that of no number of classes that could be told.
int ClassesOf(double loss);

// The largest loss of a classifier that is right in a share `accuracy` of cases and knows how
// often: it finds all wrong classes alike. Of ten classes and 30 %, 2.15, where chance has 2.30.
// REQUIRES: more than one class.
double HonestLoss(double accuracy, double classes);

}  // namespace spirogram::diagnosis
