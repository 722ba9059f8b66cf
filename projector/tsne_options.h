// Checks of t-SNE's options against the points, shared by its entries.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/result.h"
#include "projector/engine.h"
#include "projector/map_points.h"
#include "projector/projector.h"

namespace spirogram::projector {

// kInvalidArgument names the option and the range that it must lie in.
Status CheckTsneOptions(int64_t points, const TsneOptions& options);

// The neighbours that the affinities want: 3 x perplexity, or those of a fast look, as far as there
// are points.
int TsneNeighbors(int64_t points, const TsneOptions& options);

// The wanted spacing, or that for the number of points.
double TsneGridSpacing(int64_t points, const TsneOptions& options);

// For how many steps the CPU's engine keeps forces.
ForceCadence TsneCadence(int64_t points);

// The optimiser's start.
Result<MapPoints> TsneStart(const MatrixView& matrix, const TsneOptions& options,
                            const std::stop_token& stop);

}  // namespace spirogram::projector
