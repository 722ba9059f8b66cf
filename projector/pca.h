// Principal component analysis, cancellable: what Pca() of projector.h and t-SNE's start rest on.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

// As Pca(); kCancelled when `stop` is requested. The cost is N D min(N, D) operations.
Result<PcaResult> ComputePca(const MatrixView& matrix, const PcaOptions& options,
                             const std::stop_token& stop);

}  // namespace spirogram::projector
