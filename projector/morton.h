// The order of a map's points along a Morton curve: points that are near on the map are then near
// in memory, and what a point reads of its neighbours is mostly in the first cache.
#pragma once

#include <cstdint>
#include <vector>

#include "projector/packed_map.h"

namespace spirogram::projector {

// order[r] is the point at place r. 16 bits an axis in two dims, 10 in three; points in one cell
// keep their order.
std::vector<int32_t> MortonOrder(const PackedMap& map, const MapBounds& bounds);

}  // namespace spirogram::projector
