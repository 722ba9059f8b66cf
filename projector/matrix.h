// Checks of an input matrix that every method shares.
#pragma once

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

// kInvalidArgument for no points, no dims, a size that is not N x D, or a value that is NaN,
// infinite or beyond 1e30 (its row and column are named).
Status CheckMatrix(const MatrixView& matrix);

}  // namespace spirogram::projector
