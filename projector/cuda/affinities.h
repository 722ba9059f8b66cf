// P over the nearest neighbours, computed and kept on the GPU: the twin of
// projector/sparse_affinity.h.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "base/result.h"
#include "projector/cuda/device_buffer.h"
#include "projector/neighbors.h"
#include "projector/sparse_affinity.h"

namespace spirogram::projector {

// A symmetric matrix in compressed rows, as SparseAffinities.
struct DeviceAffinities {
  int64_t points = 0;                // N
  DeviceBuffer<int64_t> row_starts;  // N + 1
  DeviceBuffer<int32_t> columns;     // rising within a row
  DeviceBuffer<float> values;
};

// A copy. Errors: kExhausted.
Result<DeviceAffinities> CopyAffinities(const SparseAffinities& affinities, cudaStream_t stream);

// As PerplexityAffinities and UniformAffinities, to single precision. Device memory while it runs:
// 64 bytes for each of the N k edges. The same bits each time. Errors: kExhausted.
// REQUIRES: the graph is checked, nearest first.
Result<DeviceAffinities> AffinitiesOfNeighbors(const NeighborGraph& graph, const AffinityKind& kind,
                                               cudaStream_t stream);

}  // namespace spirogram::projector
