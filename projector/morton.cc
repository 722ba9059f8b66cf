#include "projector/morton.h"

#include <array>
#include <numeric>

namespace spirogram::projector {
namespace {

// Puts `gap` zero bits between the bits of v: 1 for 16 bits, 2 for 10 bits.
uint32_t SpreadBits(uint32_t v, int gap) {
  if (gap == 1) {
    v = (v | (v << 8)) & 0x00FF00FF;
    v = (v | (v << 4)) & 0x0F0F0F0F;
    v = (v | (v << 2)) & 0x33333333;
    return (v | (v << 1)) & 0x55555555;
  }
  v = (v | (v << 16)) & 0x030000FF;
  v = (v | (v << 8)) & 0x0300F00F;
  v = (v | (v << 4)) & 0x030C30C3;
  return (v | (v << 2)) & 0x09249249;
}

}  // namespace

std::vector<int32_t> MortonOrder(const PackedMap& map, const MapBounds& bounds) {
  const int gap = map.dims - 1;
  const double cells = map.dims == 2 ? 65535 : 1023;
  const double span = bounds.Span(map.dims);
  const double scale = span > 0 ? cells / span : 0;
  const auto points = static_cast<size_t>(map.points);
  std::vector<uint32_t> keys(points, 0);
  for (size_t i = 0; i < points; ++i) {
    for (size_t k = 0; k < static_cast<size_t>(map.dims); ++k) {
      const double offset = double{map.point(static_cast<int64_t>(i))[k]} - bounds.low[k];
      keys[i] |= SpreadBits(static_cast<uint32_t>(offset * scale), gap) << k;
    }
  }
  std::vector<int32_t> order(points);
  std::vector<int32_t> next(points);
  std::iota(order.begin(), order.end(), 0);
  constexpr uint32_t kDigitBits = 8;
  for (uint32_t shift = 0; shift < 32; shift += kDigitBits) {
    const auto digit = [&](int32_t i) {
      return (keys[static_cast<size_t>(i)] >> shift) & ((1U << kDigitBits) - 1);
    };
    std::array<int64_t, (1U << kDigitBits) + 1> starts{};
    for (const int32_t i : order) ++starts[digit(i) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (const int32_t i : order) next[static_cast<size_t>(starts[digit(i)]++)] = i;
    order.swap(next);
  }
  return order;
}

}  // namespace spirogram::projector
