// Neighbours by comparing every pair of rows on the GPU.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

// As ExactNeighbors, with the same answer. Candidates are found in half precision on tensor cores,
// and a bound on its error shows for each row that none is missing (cuda/knn_bodies.h); `method`
// says how many rows had to be compared again. Device memory: 6 N D bytes and about 100 MB.
// Errors: kUnavailable (no usable GPU, and why), kExhausted (its memory), kCancelled.
// REQUIRES: the input is checked.
Result<NeighborGraph> CudaNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                    ThreadPool* pool, const std::stop_token& stop,
                                    const std::function<void(double)>& progress);

}  // namespace spirogram::projector
