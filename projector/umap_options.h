// What UMAP's options mean for a number of points: checked, counted, placed.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/umap.h"

namespace spirogram::projector {

// kInvalidArgument names the option and the range that it must lie in.
Status CheckUmapOptions(int64_t points, const UmapOptions& options);

// N x d, where the points start. REQUIRES: the options are checked.
Result<std::vector<float>> UmapStart(const MatrixView& matrix, const UmapOptions& options,
                                     const std::stop_token& stop);

}  // namespace spirogram::projector
