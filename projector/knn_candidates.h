// For each row, those found so far that may still be among its k nearest, by an approximate squared
// distance whose error is bounded. Nothing that could be a neighbour is ever dropped: what lies
// within the error of the k-th best is kept too, so that sorting the kept ones by the true distance
// gives the true neighbours.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "projector/knn_distance.h"

namespace spirogram::projector {

// How far an approximate squared distance a may be from the true t.
struct DistanceError {
  double relative = 0;  // |a - t| <= relative * t ...
  double absolute = 0;  // ... + absolute, for squares that underflow,
  double shift = 0;     // of distances (not squared), where the rows themselves were rounded

  // Every row whose true distance is at most that of a row with approximate square `a` has an
  // approximate square at or below this. Infinite where squares may have overflowed.
  float UpperBound(float a) const;
};

// Thread-safe for threshold(); Add and Compact of a row need a lock of the caller's around that
// row.
class Candidates {
 public:
  // `neighbors` is k. REQUIRES: 1 <= k < rows.
  Candidates(int64_t rows, int neighbors, const DistanceError& error);

  // A square above this cannot be a neighbour of the row. Only ever falls.
  float threshold(int64_t row) const {
    return thresholds_[static_cast<size_t>(row)].load(std::memory_order_relaxed);
  }

  void Add(int64_t row, const Neighbor& candidate);

  // Drops what cannot be a neighbour and returns the rest, in no order, valid until the next call
  // for the row. Empty: the row cannot be decided here (too many are equally near, or squares
  // overflow); it must be compared with every other row.
  std::span<const Neighbor> Compact(int64_t row);

 private:
  void Shrink(int64_t row);
  void GiveUp(int64_t row);
  Neighbor* Begin(int64_t row) { return kept_.get() + row * capacity_; }

  int64_t neighbors_;
  int64_t capacity_;
  DistanceError error_;
  std::unique_ptr<Neighbor[]> kept_;  // rows x capacity, of which counts_ say how many are set
  std::vector<int32_t> counts_;
  std::vector<std::atomic<float>> thresholds_;
};

}  // namespace spirogram::projector
