// Values to buckets, mostly on the caller's thread: so one pass, no logarithm, no allocation per
// value.
//
// The buckets are fixed and exponential: each power of two from 2^-40 to 2^128 is cut into 8 equal
// parts, for both signs, and what is nearer to 0 than 2^-40 (9.1e-13) shares one bucket around 0. A
// bucket is at most 12.5 % wide, as fine as TensorBoard's own writer (1e-12 * 1.1^k), and the
// number of a value's bucket is a shift of its float32 bits. Discarded: 30 equal bins from min to
// max. Gradients span many orders of magnitude, so one outlier leaves all other values in one bin;
// and edges that move from step to step cannot be compared.
#pragma once

#include <span>
#include <vector>

namespace spirogram::logger {

// Bucket i holds the values from limits[i - 1] (or `min`) up to limits[i]. Only occupied buckets
// and the gaps between them are kept. The last limit is DBL_MAX, as TensorFlow writes it; readers
// put `max` in its place. Without a finite value there is one empty bucket, and min and max are 0.
struct BucketedValues {
  double min = 0;
  double max = 0;
  double count = 0;
  double sum = 0;
  double sum_squares = 0;
  std::vector<double> limits;
  std::vector<double> counts;
};

// NaN and infinities are left out.
BucketedValues BucketValues(std::span<const float> values);

}  // namespace spirogram::logger
