// A picture in memory to draw on, with edges smoothed by the share of a pixel that is covered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "mapping/palette.h"

namespace spirogram::mapping {

// Coordinates are in pixels from the upper left corner; what lies outside is cut. Not thread-safe.
class Canvas {
 public:
  // REQUIRES: width and height are at least 1.
  Canvas(int width, int height, Rgb background);

  int width() const { return width_; }
  int height() const { return height_; }

  // Lays `colour` over a pixel; coverage 0 to 1.
  void Blend(int x, int y, Rgb colour, float coverage);
  void FillDisc(float x, float y, float radius, Rgb colour, float opacity);
  void FillRectangle(int x, int y, int width, int height, Rgb colour);

  Rgb At(int x, int y) const;
  Result<std::string> ToPng() const;

 private:
  size_t IndexOf(int x, int y) const {
    return (static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x)) * 3;
  }

  int width_;
  int height_;
  // Not bytes: a thousand faint layers would be rounded away one by one.
  std::vector<float> samples_;  // RGB, 0 to 255
};

}  // namespace spirogram::mapping
