#include "web/projection_message.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "base/check.h"
#include "web/columns.h"
#include "web/json.h"

namespace spirogram::web {
namespace {

constexpr float kLevels = 65'534;
constexpr uint16_t kNoPlace = 65'535;

struct Box {
  std::vector<float> min;
  std::vector<float> max;
};

// Of the coordinates that are finite; 0 to 0 along an axis without any.
Box BoxOf(std::span<const float> coordinates, size_t dims) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Box box{std::vector<float>(dims, kInfinity), std::vector<float>(dims, -kInfinity)};
  for (size_t at = 0; at < coordinates.size(); ++at) {
    if (!std::isfinite(coordinates[at])) continue;
    float& min = box.min[at % dims];
    float& max = box.max[at % dims];
    min = std::min(min, coordinates[at]);
    max = std::max(max, coordinates[at]);
  }
  for (size_t axis = 0; axis < dims; ++axis) {
    if (box.min[axis] > box.max[axis]) box.min[axis] = box.max[axis] = 0;
  }
  return box;
}

std::vector<uint16_t> Quantise(std::span<const float> coordinates, const Box& box) {
  const size_t dims = box.min.size();
  CHECK(dims > 0);
  std::vector<double> scale(dims);
  for (size_t axis = 0; axis < dims; ++axis) {
    const double extent = double{box.max[axis]} - double{box.min[axis]};
    scale[axis] = extent > 0 ? kLevels / extent : 0;
  }
  std::vector<uint16_t> levels(coordinates.size());
  for (size_t at = 0; at < coordinates.size(); ++at) {
    const size_t axis = at % dims;
    const double level = (double{coordinates[at]} - double{box.min[axis]}) * scale[axis];
    levels[at] = std::isfinite(coordinates[at])
                     ? static_cast<uint16_t>(std::clamp<double>(level + 0.5, 0, kLevels))
                     : kNoPlace;
  }
  return levels;
}

}  // namespace

std::string ProjectionMessage(const ProjectionSnapshot& snapshot, CoordinateFormat format) {
  const std::span<const float> coordinates = snapshot.coordinates
                                                 ? std::span<const float>(*snapshot.coordinates)
                                                 : std::span<const float>();
  ColumnsBuilder builder;
  if (format == CoordinateFormat::kF32) {
    builder.BeginItem(ProjectionJson(snapshot.projection));
    builder.Add("coordinates", coordinates);
    return builder.Finish();
  }
  const Box box = BoxOf(coordinates, static_cast<size_t>(snapshot.projection.request.dims));
  builder.BeginItem(ProjectionJson(snapshot.projection, box.min, box.max));
  builder.Add("coordinates", std::span<const uint16_t>(Quantise(coordinates, box)));
  return builder.Finish();
}

}  // namespace spirogram::web
