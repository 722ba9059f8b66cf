// The repulsive half of t-SNE's gradient by direct sum over all pairs: exact forces, and quicker
// than any grid while there are few points.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "projector/packed_map.h"
#include "projector/threads.h"

namespace spirogram::projector {

// As ParticleMesh::Repulsion, with float32 sums of 1,024 pairs a lane. Errors: kCancelled.
Result<double> DirectRepulsion(const PackedMap& map, std::span<float> forces, ThreadPool* pool,
                               const std::stop_token& stop);

}  // namespace spirogram::projector
