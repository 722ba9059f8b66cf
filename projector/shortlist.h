// For each of a few rows the nearest candidates so far, by an approximate squared distance.
//
// Unlike Candidates (knn_candidates.h) it proves nothing: of more than fit it drops the farthest.
// So rows with thousands of equally near others cost no more than any.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "projector/knn_distance.h"

namespace spirogram::projector {

// Not thread-safe. What is kept does not depend on the order of Add: equal distances are ordered by
// row number.
class Shortlist {
 public:
  // Keeps at least the `kept` nearest of what is added to each row. REQUIRES: kept >= 1.
  Shortlist(int64_t rows, int64_t kept);

  // Of each row: a square above this is not among the nearest. Infinite until `kept` are there.
  std::span<const float> thresholds() const { return thresholds_; }

  void Add(int64_t row, const Neighbor& candidate) {
    if (counts_[static_cast<size_t>(row)] == capacity_) Tighten(row);
    if (candidate.distance > thresholds_[static_cast<size_t>(row)]) return;
    int32_t& count = counts_[static_cast<size_t>(row)];
    candidates_[static_cast<size_t>(row * capacity_ + count)] = candidate;
    ++count;
  }

  // Drops all but the `kept` nearest and lowers the threshold to the farthest of these.
  void Tighten(int64_t row);

  // The `kept` nearest, or all where fewer were added; in no order, valid until the next call.
  std::span<const Neighbor> Nearest(int64_t row);

 private:
  std::span<Neighbor> Of(int64_t row) {
    return std::span(candidates_)
        .subspan(static_cast<size_t>(row * capacity_),
                 static_cast<size_t>(counts_[static_cast<size_t>(row)]));
  }

  int64_t kept_;
  int64_t capacity_;
  std::vector<Neighbor> candidates_;  // rows x capacity, of which counts_ say how many are set
  std::vector<int32_t> counts_;
  std::vector<float> thresholds_;
};

}  // namespace spirogram::projector
