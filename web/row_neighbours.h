// Nearest rows of an embedding in its original space, each held against all: exact.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"
#include "store/answers.h"

namespace spirogram::web {

struct Neighbour {
  int64_t row = 0;
  double distance = 0;  // |x - y|, or of kCosine 1 - cosine, in [0, 2]
};

// The `count` nearest rows of `row` without itself, nearest first, ties by row number. Rows that
// are not finite, and for kCosine those whose norm is 0, are near nothing and left out; asking for
// such a row is kInvalidArgument, for a row that does not exist kNotFound. One pass over N x D,
// accumulated in float64.
Result<std::vector<Neighbour>> RowNeighbours(const store::Embedding& embedding, int64_t row,
                                             int64_t count, projector::Metric metric);

}  // namespace spirogram::web
