// The two ways to find neighbours, behind NearestNeighbors (neighbors.h), which checks their input.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

// Every pair is compared, once for both of its rows: N^2 D / 2 differences, squared and summed.
// Memory beyond the answer: a copy of the matrix and N (2 k + 32) candidates of 8 bytes.
Result<NeighborGraph> ExactNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                     ThreadPool* pool, const std::stop_token& stop,
                                     const std::function<void(double)>& progress);

}  // namespace spirogram::projector
