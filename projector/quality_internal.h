// What the two halves of quality.h share.
#pragma once

#include <cstdint>
#include <span>

#include "projector/map_points.h"
#include "projector/quality.h"

namespace spirogram::projector {

// kInvalidArgument unless d is 2 or 3, N >= 4 and all is finite.
Status CheckMap(const MatrixView& map);

MapPoints ColumnsOf(const MatrixView& map);

// The mean over `population` of which these were drawn without replacement, or all.
Estimate MeanOf(std::span<const double> values, int64_t population);

}  // namespace spirogram::projector
