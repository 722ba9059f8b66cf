// Neighbours from cells: rows are compared with those of the cells around them alone. For matrices
// whose N^2 pairs are too many.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

// A row takes about this many comparisons at most, as many as a search of a graph of links costs
// that is built by one thread: where neighbours lie too scattered to be found by so few, some are
// missed.
inline constexpr double kCellComparisonsMax = 200'000;

// The share of the work that may have been reported where there is nothing in the end.
inline constexpr double kCellsTriedShare = 0.2;

// As NearestNeighbors. Some neighbours may be missed; `method` says what share of them was found
// for a sample of rows. Distances are exact for those found. How far a row looks is tried on
// another sample: until `options.recall` of its neighbours are found, or kCellComparisonsMax are
// compared.
// Nothing where more than `comparisons_max` a row would be. Memory beyond the answer: a copy of the
// matrix in panels, and some 40 bytes a row. REQUIRES: the input is checked.
Result<std::optional<NeighborGraph>> CellNeighbors(const MatrixView& matrix,
                                                   const NeighborOptions& options,
                                                   double comparisons_max, ThreadPool* pool,
                                                   const std::stop_token& stop,
                                                   const std::function<void(double)>& progress);

}  // namespace spirogram::projector
