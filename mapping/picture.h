// A map as a picture: points with size and opacity by density, a legend, and a caption with the
// numbers that say how far the picture can be believed.
#pragma once

#include <string>

#include "base/result.h"
#include "mapping/colouring.h"
#include "mapping/map.h"

namespace spirogram::mapping {

inline constexpr int kPictureSizeMin = 200;
inline constexpr int kPictureSizeMax = 4096;

struct PictureOptions {
  int size = 1600;  // pixels of each side
  bool is_dark = false;
  std::string caption;  // valid UTF-8
};

// A PNG. The first two axes are drawn, at one scale. kInvalidArgument for a size out of range or a
// map of one dim. REQUIRES: a colour for each point. The same input gives the same bytes.
Result<std::string> DrawMap(const Map& map, const Colouring& colouring,
                            const PictureOptions& options);

}  // namespace spirogram::mapping
