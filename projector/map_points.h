// The points of a map while it is optimised: d arrays of N, so that the loops over points run
// through memory in order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace spirogram::projector {

struct MapPoints {
  int64_t points = 0;         // N
  int dims = 2;               // d
  std::vector<float> values;  // d x N: every x, then every y (then every z)

  MapPoints() = default;
  MapPoints(int64_t points_in, int dims_in)
      : points(points_in), dims(dims_in), values(static_cast<size_t>(points_in * dims_in), 0.0F) {}

  std::span<float> axis(int k) {
    return std::span(values).subspan(static_cast<size_t>(k * points), static_cast<size_t>(points));
  }
  std::span<const float> axis(int k) const {
    return std::span(values).subspan(static_cast<size_t>(k * points), static_cast<size_t>(points));
  }
};

// N x d, as callers see a map. REQUIRES: out.size() == map.values.size().
inline void CopyRowMajor(const MapPoints& map, std::span<float> out) {
  for (int k = 0; k < map.dims; ++k) {
    const std::span<const float> from = map.axis(k);
    for (size_t i = 0; i < from.size(); ++i) {
      out[i * static_cast<size_t>(map.dims) + static_cast<size_t>(k)] = from[i];
    }
  }
}

}  // namespace spirogram::projector
