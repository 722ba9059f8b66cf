// A projection as a columns message: what the coordinates route answers and what live pages get.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "web/projection.h"

namespace spirogram::web {

// A projection and its newest coordinates, N x dims row-major; null while there are none.
struct ProjectionSnapshot {
  Projection projection;
  std::shared_ptr<const std::vector<float>> coordinates;
};

// kU16: an axis from its least to its greatest coordinate is 0 to 65,535; the item names both as
// `min` and `max`. Half the bytes, and finer than a screen.
enum class CoordinateFormat { kF32, kU16 };

// One item: the projection, with the column `coordinates`.
std::string ProjectionMessage(const ProjectionSnapshot& snapshot,
                              CoordinateFormat format = CoordinateFormat::kF32);

}  // namespace spirogram::web
