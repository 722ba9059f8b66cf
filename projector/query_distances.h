// The distances of a few rows to many: the bits of RowDistance, for half of its time. The few are
// brought to float64 once, and each of the many is read once for four of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "projector/knn_distance.h"

namespace spirogram::projector {

// Safe for several threads. `distance` must outlive it.
class QueryDistances {
 public:
  QueryDistances(const RowDistance& distance, std::span<const int64_t> queries);

  // out[q][j] = distance.Between(queries[q], j) for each q and each j of [begin, end).
  // REQUIRES: out.size() == queries.size().
  void Measure(int64_t begin, int64_t end, std::span<float* const> out) const;

 private:
  const RowDistance& distance_;
  const int64_t queries_;
  const int64_t padded_dims_;  // the next multiple of 16
  std::vector<double> rows_;   // the next multiple of 4 of queries x padded dims, zeros between
};

}  // namespace spirogram::projector
