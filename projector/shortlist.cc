#include "projector/shortlist.h"

#include <algorithm>
#include <limits>

namespace spirogram::projector {
namespace {

constexpr int64_t kRoomMin = 32;  // to collect in between two selections

}  // namespace

Shortlist::Shortlist(int64_t rows, int64_t kept)
    : kept_(kept),
      capacity_(kept + std::max(kept, kRoomMin)),
      candidates_(static_cast<size_t>(rows * capacity_)),
      counts_(static_cast<size_t>(rows), 0),
      thresholds_(static_cast<size_t>(rows), std::numeric_limits<float>::infinity()) {}

void Shortlist::Tighten(int64_t row) {
  const std::span<Neighbor> all = Of(row);
  if (static_cast<int64_t>(all.size()) < kept_) return;
  const auto farthest = all.begin() + (kept_ - 1);
  std::nth_element(all.begin(), farthest, all.end());
  thresholds_[static_cast<size_t>(row)] = farthest->distance;
  counts_[static_cast<size_t>(row)] = static_cast<int32_t>(kept_);
}

std::span<const Neighbor> Shortlist::Nearest(int64_t row) {
  Tighten(row);
  return Of(row);
}

}  // namespace spirogram::projector
