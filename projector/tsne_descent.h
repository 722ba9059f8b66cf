// Runs t-SNE's schedule on an engine, measures and reports.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "projector/engine.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Fills the coordinates, KL divergence, iterations, device, grid spacing and descent_seconds of the
// result. Errors: those of the engine; kInternal when the map diverged.
// REQUIRES: the options are checked for the engine's `points`.
Result<TsneResult> Descend(int64_t points, const TsneOptions& options, TsneEngine* engine,
                           const std::function<void(const TsneProgress&)>& progress,
                           const std::stop_token& stop);

}  // namespace spirogram::projector
