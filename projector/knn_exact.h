// Neighbours by comparing every pair of rows.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

// As NearestNeighbors. Each pair is compared once for both of its rows: N^2 D / 2 differences,
// squared and summed. Memory beyond the answer: a copy of the matrix and N (2 k + 32) candidates of
// 8 bytes. REQUIRES: the input is checked.
Result<NeighborGraph> ExactNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                     ThreadPool* pool, const std::stop_token& stop,
                                     const std::function<void(double)>& progress);

}  // namespace spirogram::projector
