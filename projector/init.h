// Where the points of a map start.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/result.h"
#include "projector/map_points.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Standard deviation of the first axis at the start. Small, so that no pair starts apart that
// belongs together: far pairs hardly attract.
inline constexpr double kInitStddev = 1e-4;

// The first d principal components, scaled together to kInitStddev, with 1 % noise so that points
// that the components cannot tell apart can still part. Axes without variance are random.
// d, the `components` of the options, may be larger than D.
Result<MapPoints> PcaInit(const MatrixView& matrix, const PcaOptions& options,
                          const std::stop_token& stop);

// Independent normal coordinates of kInitStddev.
MapPoints RandomInit(int64_t points, int dims, uint64_t seed);

}  // namespace spirogram::projector
