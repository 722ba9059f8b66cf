// Nearest rows of an embedding in its original space, by cosine distance.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::web {

struct Neighbour {
  int64_t row = 0;
  double distance = 0;  // 1 - cosine, in [0, 2]
};

// The `count` nearest rows of `row` without itself, nearest first, ties by row number. Rows whose
// norm is 0 or not finite have no direction and are left out; asking for such a row is
// kInvalidArgument, for a row that does not exist kNotFound. One pass over N x D, accumulated in
// float64.
Result<std::vector<Neighbour>> CosineNeighbours(const store::Embedding& embedding, int64_t row,
                                                int64_t count);

}  // namespace spirogram::web
