// Checks of an input matrix that every method shares.
#pragma once

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Coordinates are float32 too: a row's length must not overflow one.
inline constexpr float kMagnitudeMax = 1e30F;

// kInvalidArgument for no points, no dims, a size that is not N x D, or a value that is NaN,
// infinite or beyond 1e30 (its row and column are named).
Status CheckMatrix(const MatrixView& matrix);

}  // namespace spirogram::projector
