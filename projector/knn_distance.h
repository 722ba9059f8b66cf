// The distance between two rows as NeighborGraph promises it: what decides the order of neighbours,
// whatever found them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Safe for several threads. Keeps a view of the matrix, which must outlive it.
// REQUIRES: matrix is checked; for cosine no row is zero.
class RowDistance {
 public:
  // Sums side by side, each of every 16th column, added at the end in a fixed order.
  static constexpr int64_t kLanes = 16;

  RowDistance(const MatrixView& matrix, Metric metric);

  // Summed in float64 and rounded once: rows with equal distances in float32 are ties.
  float Between(int64_t i, int64_t j) const;
  // Of the squared distance of two rows, each times its scale.
  float OfSquare(double square) const;

  // Asks memory for row i ahead of Between.
  void Prefetch(int64_t i) const {
    const float* row = matrix_.values.data() + i * matrix_.dims;
    for (int64_t k = 0; k < std::min(matrix_.dims, kPrefetchValues); k += kLineValues) {
      __builtin_prefetch(row + k);
    }
  }

  int64_t rows() const { return matrix_.points; }
  const MatrixView& matrix() const { return matrix_; }
  // 1 / |x| of row i for cosine, else 1.
  double scale(int64_t i) const {
    return inverse_norms_.empty() ? 1 : inverse_norms_[static_cast<size_t>(i)];
  }

 private:
  static constexpr int64_t kLineValues = 16;       // float32 in a line of the cache
  static constexpr int64_t kPrefetchValues = 256;  // the processor itself goes on from there

  MatrixView matrix_;
  std::vector<double> inverse_norms_;  // N for cosine, else empty
};

// 1 / |x| of each row, summed in float64; infinite for a row of zeros.
std::vector<double> InverseNorms(const MatrixView& matrix);

// kInvalidArgument for a row of zeros, which is named.
Status CheckDirections(const MatrixView& matrix);

struct Neighbor {
  float distance;
  int32_t row;

  friend bool operator<(const Neighbor& a, const Neighbor& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
  }
};

// The k nearest of row i, ascending, by comparing it with every other: N D operations. False:
// `stop` was requested.
bool ScanNearest(const RowDistance& distance, int64_t i, int neighbors, const std::stop_token& stop,
                 std::vector<Neighbor>* nearest);

// Sets the neighbours of a row that has more than k equal rows before it: those of the first of
// these, and that one. REQUIRES: those of the first are set.
void WriteCopy(NeighborGraph* graph, int64_t row, int32_t first);

// Sets the neighbours of a row to the first k. REQUIRES: nearest.size() >= k.
void Write(NeighborGraph* graph, int64_t row, std::span<const Neighbor> nearest);

}  // namespace spirogram::projector
