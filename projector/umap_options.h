// What UMAP's options mean for a number of points: checked, counted, placed.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/symmetrise.h"
#include "projector/threads.h"
#include "projector/umap.h"

namespace spirogram::projector {

// kInvalidArgument names the option and the range that it must lie in.
Status CheckUmapOptions(int64_t points, const UmapOptions& options);

// N x d, where the points start; for kSpectral by principal components. REQUIRES: the options are
// checked.
Result<std::vector<float>> UmapStart(const MatrixView& matrix, const UmapOptions& options,
                                     const std::stop_token& stop);

// For kSpectral, from the fuzzy set and what UmapStart gave. `fallback` is that of UmapResult.
Result<std::vector<float>> SpectralUmapStart(const SymmetricEdges& fuzzy_set,
                                             std::span<const float> pca, const UmapOptions& options,
                                             ThreadPool* pool, const std::stop_token& stop,
                                             std::string* fallback);

}  // namespace spirogram::projector
