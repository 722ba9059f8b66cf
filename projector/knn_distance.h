// The distance between two rows as NeighborGraph promises it: what decides the order of neighbours,
// whatever found them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "projector/neighbors.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Safe for several threads. Keeps a view of the matrix, which must outlive it.
// REQUIRES: matrix is checked; for cosine no row is zero.
class RowDistance {
 public:
  RowDistance(const MatrixView& matrix, Metric metric);

  // Summed in float64 and rounded once: rows with equal distances in float32 are ties.
  float Between(int64_t i, int64_t j) const;

  // The same from row i to rows [first, first + distances.size()).
  void ToRows(int64_t i, int64_t first, std::span<float> distances) const;

 private:
  MatrixView matrix_;
  std::vector<double> inverse_norms_;  // N for cosine, else empty
};

// 1 / |x| of each row, summed in float64; infinite for a row of zeros.
std::vector<double> InverseNorms(const MatrixView& matrix);

struct Neighbor {
  float distance;
  int32_t row;

  friend bool operator<(const Neighbor& a, const Neighbor& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
  }
};

}  // namespace spirogram::projector
