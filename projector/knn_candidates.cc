#include "projector/knn_candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace spirogram::projector {
namespace {

// Beyond k: k for copies of one row that straddle the k-th place, and room to collect.
constexpr int64_t kSlack = 32;
constexpr int64_t kRoomMin = 8;      // less free room than this after a selection: give up
constexpr float kSquareMax = 1e38F;  // from here on squares may have overflowed
constexpr float kNothing = -1;       // a threshold that no square passes

}  // namespace

float DistanceError::UpperBound(float a) const {
  constexpr float kUnbounded = std::numeric_limits<float>::infinity();
  if (!(relative < 0.5)) return kUnbounded;
  // t_k <= (a + absolute) / (1 - relative); moved ends shift the root; then the way back.
  const double root = std::sqrt((a + absolute) / (1 - relative)) + shift;
  const double bound = (root + shift) * (root + shift) * (1 + relative) + absolute;
  return bound < kSquareMax ? std::nextafter(static_cast<float>(bound), kUnbounded) : kUnbounded;
}

Candidates::Candidates(int64_t rows, int neighbors, const DistanceError& error)
    : neighbors_(neighbors),
      capacity_(std::min<int64_t>(rows - 1, 2 * int64_t{neighbors} + kSlack)),
      error_(error),
      kept_(std::make_unique_for_overwrite<Neighbor[]>(static_cast<size_t>(rows * capacity_))),
      counts_(static_cast<size_t>(rows), 0),
      thresholds_(static_cast<size_t>(rows)) {
  for (std::atomic<float>& threshold : thresholds_) {
    threshold.store(std::numeric_limits<float>::infinity(), std::memory_order_relaxed);
  }
}

void Candidates::Add(int64_t row, const Neighbor& candidate) {
  int32_t& count = counts_[static_cast<size_t>(row)];
  if (count == capacity_) {
    Shrink(row);
    if (capacity_ - count < kRoomMin) GiveUp(row);
  }
  if (candidate.distance <= threshold(row)) Begin(row)[count++] = candidate;
}

void Candidates::Shrink(int64_t row) {
  Neighbor* begin = Begin(row);
  int32_t& count = counts_[static_cast<size_t>(row)];
  Neighbor* end = begin + count;
  const auto is_nearer = [](const Neighbor& a, const Neighbor& b) {
    return a.distance < b.distance;
  };
  std::nth_element(begin, begin + neighbors_ - 1, end, is_nearer);
  const float bound = error_.UpperBound(begin[neighbors_ - 1].distance);
  if (!std::isfinite(bound)) return GiveUp(row);
  const Neighbor* kept_end = std::partition(
      begin + neighbors_, end, [bound](const Neighbor& n) { return n.distance <= bound; });
  count = static_cast<int32_t>(kept_end - begin);
  thresholds_[static_cast<size_t>(row)].store(bound, std::memory_order_relaxed);
}

void Candidates::GiveUp(int64_t row) {
  counts_[static_cast<size_t>(row)] = 0;
  thresholds_[static_cast<size_t>(row)].store(kNothing, std::memory_order_relaxed);
}

std::span<const Neighbor> Candidates::Compact(int64_t row) {
  if (counts_[static_cast<size_t>(row)] < neighbors_) return {};
  Shrink(row);
  return {Begin(row), static_cast<size_t>(counts_[static_cast<size_t>(row)])};
}

}  // namespace spirogram::projector
