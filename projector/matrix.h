// Checks of an input matrix that every method shares.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Coordinates are float32 too: a row's length must not overflow one.
inline constexpr float kMagnitudeMax = 1e30F;

// kInvalidArgument for no points, no dims, a size that is not N x D, or a value that is NaN,
// infinite or beyond 1e30 (its row and column are named).
Status CheckMatrix(const MatrixView& matrix);
// The same by all threads of the pool. kCancelled too.
Status CheckMatrix(const MatrixView& matrix, ThreadPool* pool, const std::stop_token& stop);

}  // namespace spirogram::projector
