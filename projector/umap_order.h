// In which order the steps of a UMAP are taken, by what its rows are.
#pragma once

#include "projector/neighbors.h"
#include "projector/projector.h"
#include "projector/umap_layout.h"

namespace spirogram::projector {

// How many dims the rows spread in around a typical one: the maximum-likelihood estimate over all
// distances of the graph (Levina and Bickel 2004, joined as MacKay and Ghahramani say). Rows equal
// to another tell nothing and are left out. Infinity where no row tells.
double IntrinsicDims(const NeighborGraph& graph, Metric metric);

// Edges in turn for rows of less than one dim more than the map, up to kPointsInTurnMax: such a
// sheet can be laid out whole, and then points that move at once lose neighbours (recall@10 of a
// swiss roll 0.747 in place of 0.778). Of rows with more dims they keep more of them (digits
// 0.500 in place of 0.492), and all threads help.
UmapOrder UmapOrderFor(const NeighborGraph& graph, Metric metric, int map_dims);

inline constexpr int64_t kPointsInTurnMax = 50'000;

}  // namespace spirogram::projector
