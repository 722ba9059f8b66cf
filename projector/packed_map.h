// The points of a map as the fast engine keeps them: the coordinates of one point side by side, so
// that a neighbour anywhere in memory costs one access.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace spirogram::projector {

struct PackedMap {
  int64_t points = 0;         // N
  int dims = 2;               // d
  int stride = 2;             // 2 in two dims, 4 in three: one vector register
  std::vector<float> values;  // N x stride; the fourth is 0

  PackedMap() = default;
  PackedMap(int64_t points_in, int dims_in)
      : points(points_in),
        dims(dims_in),
        stride(dims_in == 2 ? 2 : 4),
        values(static_cast<size_t>(points_in * stride), 0.0F) {}

  float* point(int64_t i) { return values.data() + i * stride; }
  const float* point(int64_t i) const { return values.data() + i * stride; }
};

// The box around the points.
struct MapBounds {
  std::array<float, 3> low{};
  std::array<float, 3> high{};

  // The longest side.
  double Span(int dims) const {
    double span = 0;
    for (size_t k = 0; k < static_cast<size_t>(dims); ++k) {
      span = std::max(span, double{high[k]} - low[k]);
    }
    return span;
  }
};

inline MapBounds BoundsOf(const PackedMap& map, int64_t begin, int64_t end) {
  MapBounds bounds;
  for (size_t k = 0; k < static_cast<size_t>(map.dims); ++k) {
    bounds.low[k] = bounds.high[k] = map.point(begin)[k];
  }
  for (int64_t i = begin + 1; i < end; ++i) {
    for (size_t k = 0; k < static_cast<size_t>(map.dims); ++k) {
      bounds.low[k] = std::min(bounds.low[k], map.point(i)[k]);
      bounds.high[k] = std::max(bounds.high[k], map.point(i)[k]);
    }
  }
  return bounds;
}

}  // namespace spirogram::projector
