// Which rows of a matrix are copies of another.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

struct EqualRows {
  std::vector<int32_t> first;  // N: the first row that is equal to this one, value by value
  // N: how many rows before this one are equal to it
  std::vector<int32_t> earlier;
};

// 0 and -0 are equal. Nothing when `stop` is requested.
// REQUIRES: matrix is checked; N < 2^31.
std::optional<EqualRows> FindEqualRows(const MatrixView& matrix, ThreadPool* pool,
                                       const std::stop_token& stop);

// The rows that a search for k neighbours need look at: of equal rows the first k + 1, since nobody
// has more than k of them among its neighbours. Shuffled, so that the nearest come neither first
// nor last however the data is sorted.
std::vector<int32_t> ComparedRows(const EqualRows& equal, int neighbors);

}  // namespace spirogram::projector
