// Sparse t-SNE on the GPU: TsneEngine over the mesh, the edges and the optimiser of this folder.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "projector/engine.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

// Up to here direct sums take less time than the many small kernels of a mesh: an estimate
// (10^8 pairs), not yet measured on a device.
inline constexpr int64_t kDirectPointsMax = 10'000;

// As MakeSparseEngine, on the device; `device` is its name. Up to `direct_points` points repel by
// direct sum. Errors: kExhausted (its memory does not suffice: the bytes needed and free are
// named), kInternal.
Result<std::unique_ptr<TsneEngine>> MakeSparseEngineOnDevice(
    const SparseAffinities& affinities, const MapPoints& start, double spacing, std::string device,
    int64_t direct_points = kDirectPointsMax);

// The same, with P computed on the device too. REQUIRES: the graph is checked, nearest first.
Result<std::unique_ptr<TsneEngine>> MakeSparseEngineOfNeighbors(
    const NeighborGraph& graph, const AffinityKind& kind, const MapPoints& start, double spacing,
    std::string device, int64_t direct_points = kDirectPointsMax);

}  // namespace spirogram::projector
