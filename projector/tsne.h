// t-SNE from what is already known of the rows: their neighbours. For callers that have computed
// these for something else too.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/projector.h"

namespace spirogram::projector {

// As Tsne of a matrix by the particle mesh, whatever the number of points. The graph is taken over;
// it should have TsneNeighbors (tsne_options.h) neighbours a point and must have as many as the
// perplexity. Errors: as Tsne; kInvalidArgument for Init::kPca, which needs the rows.
Result<TsneResult> TsneOfNeighbors(NeighborGraph graph, const TsneOptions& options,
                                   const std::function<void(const TsneProgress&)>& progress,
                                   std::stop_token stop);

}  // namespace spirogram::projector
