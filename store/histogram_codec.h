// Histograms as the table `records` keeps them, before the envelope of blob_codec.h. Two formats,
// by the first byte:
//
//   1   edges, counts: a uint64 length and so many float64 each
//   2   for edges at regular distances and whole counts, which nearly all are:
//         varint  number of edges; there is a bucket less, or none without edges
//         byte    prediction of an edge from the two before it, a and b (0 where there is none):
//                 0 is b + (b - a), 1 is b * (b / a); 0 again where that is NaN
//         varint  an edge each: how many float64 values it is off the prediction, zigzag
//         varint  a bucket each: its count
//
// Rounding leaves an edge a few values beside its prediction, so it takes a byte where format 1 has
// eight, and nothing is lost. Each prediction is of operations that IEEE 754 rounds alike
// everywhere and that no compiler may fuse.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/answers.h"
#include "store/blob_codec.h"

namespace spirogram::store {

// Format 2 where it can have the histogram and saves half of it; that leaves nothing to compress.
Content EncodeHistogram(const Histogram& histogram);

// Either format; step and wall time are not in it. kCorruption where the bytes are neither.
Result<Histogram> DecodeHistogram(std::string_view content);

}  // namespace spirogram::store
