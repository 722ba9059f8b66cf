#include "web/map_density.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "web/columns.h"
#include "web/json.h"

namespace spirogram::web {
namespace {

constexpr double kAir = 1.06;

struct Extent {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void Add(double value) {
    min = std::min(min, value);
    max = std::max(max, value);
  }
  double middle() const { return min <= max ? (min + max) / 2 : 0; }
  double span() const { return min < max ? max - min : 0; }
};

}  // namespace

MapView WholeMap(std::span<const float> coordinates, int dims, int width, int height) {
  Extent x;
  Extent y;
  for (size_t at = 0; at < coordinates.size(); at += static_cast<size_t>(dims)) {
    if (!std::isfinite(coordinates[at]) || !std::isfinite(coordinates[at + 1])) continue;
    x.Add(coordinates[at]);
    y.Add(coordinates[at + 1]);
  }
  double pixel = kAir * std::max(x.span() / width, y.span() / height);
  if (!(pixel > 0)) pixel = 1.0 / std::min(width, height);  // all points at one place
  return {x.middle() - pixel * width / 2,
          x.middle() + pixel * width / 2,
          y.middle() - pixel * height / 2,
          y.middle() + pixel * height / 2,
          width,
          height};
}

MapDensity DensityOf(std::span<const float> coordinates, int dims, const MapView& view) {
  const auto width = static_cast<size_t>(view.width);
  const double x_scale = view.width / (view.x_max - view.x_min);
  const double y_scale = view.height / (view.y_max - view.y_min);
  std::vector<uint32_t> exact(width * static_cast<size_t>(view.height), 0);
  MapDensity density;
  for (size_t at = 0; at < coordinates.size(); at += static_cast<size_t>(dims)) {
    const double column = (coordinates[at] - view.x_min) * x_scale;
    const double line = (view.y_max - coordinates[at + 1]) * y_scale;
    // Also false for what is not a number.
    if (!(column >= 0 && line >= 0 && column < view.width && line < view.height)) continue;
    ++exact[static_cast<size_t>(line) * width + static_cast<size_t>(column)];
    ++density.points;
  }
  density.counts.reserve(exact.size());
  for (const uint32_t count : exact) {
    density.most = std::max(density.most, count);
    density.counts.push_back(static_cast<uint16_t>(std::min<uint32_t>(count, UINT16_MAX)));
  }
  return density;
}

NearestPoint NearestTo(std::span<const float> coordinates, int dims, double x, double y) {
  NearestPoint nearest;
  double least = std::numeric_limits<double>::infinity();
  const auto width = static_cast<size_t>(dims);
  for (size_t at = 0; at < coordinates.size(); at += width) {
    const double right = coordinates[at] - x;
    const double up = coordinates[at + 1] - y;
    const double square = right * right + up * up;
    // Also false for what is not a number.
    if (!(square < least)) continue;
    least = square;
    nearest = {static_cast<int64_t>(at / width), coordinates[at], coordinates[at + 1], 0};
  }
  if (nearest.row >= 0) nearest.distance = std::sqrt(least);
  return nearest;
}

std::string DensityMessage(const MapView& view, const MapDensity& density) {
  ColumnsBuilder builder;
  builder.BeginItem(DensityItemJson(view, density));
  builder.Add("count", std::span<const uint16_t>(density.counts));
  return builder.Finish();
}

}  // namespace spirogram::web
