// What a classifier has that has learned nothing. Pure functions.
#pragma once

namespace spirogram::diagnosis {

// How many classes a classifier has that answers all of them alike and so has this loss; 0 where
// it is that of no number of classes that could be told.
int ClassesOf(double loss);

// The highest accuracy of a classifier with this loss that was hardly trained: half of the way, in
// logarithms, from the accuracy of chance to 1. Of ten classes that is 32 %, and who is right that
// often and knows how often has a loss of 2.1 at most, where that of chance is 2.3.
double MostUntrained(double loss);

}  // namespace spirogram::diagnosis
