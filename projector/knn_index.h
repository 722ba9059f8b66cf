// Neighbours from an index (hierarchical navigable small worlds: Malkov and Yashunin 2018, by
// hnswlib), for matrices whose N^2 pairs are too many.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

// As NearestNeighbors. Some neighbours may be missed; `method` says what share of them was found
// for a sample of rows. Distances are exact for those found. One thread builds the index, all
// search it: hnswlib's parallel insertion gives another graph each time, and parts of the index
// built side by side miss whole clusters. Memory beyond the answer: N (4 D + 220) bytes. REQUIRES:
// the input is checked.
Result<NeighborGraph> IndexedNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress);

}  // namespace spirogram::projector
