// How many points of a map lie in each pixel of a picture: what a page shows that cannot draw the
// points itself. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spirogram::web {

// A part of the map, in its own units, and the pixels that it is drawn on. y goes up.
struct MapView {
  double x_min = 0;
  double x_max = 0;
  double y_min = 0;
  double y_max = 0;
  int width = 0;
  int height = 0;
};

// The smallest view in which all finite points lie, with some air, with square pixels.
// `coordinates` are N x `dims`, row-major; of a map in space the first two axes count.
MapView WholeMap(std::span<const float> coordinates, int dims, int width, int height);

struct MapDensity {
  // width * height, the top line first; 65,535 stands for as many and more.
  std::vector<uint16_t> counts;
  int64_t points = 0;  // in the view
  uint32_t most = 0;   // in one pixel
};

// Points that are not finite are in no view. One pass over the points.
MapDensity DensityOf(std::span<const float> coordinates, int dims, const MapView& view);

// The point that lies nearest to a place on the map.
struct NearestPoint {
  int64_t row = -1;  // -1: no point is finite
  double x = 0;
  double y = 0;
  double distance = 0;
};

// Of points at one distance the first. One pass over the points; of a map in space the first two
// axes count.
NearestPoint NearestTo(std::span<const float> coordinates, int dims, double x, double y);

// One item: {"width","height","x_min","x_max","y_min","y_max","points","most"} with the column
// `count` u16.
std::string DensityMessage(const MapView& view, const MapDensity& density);

}  // namespace spirogram::web
