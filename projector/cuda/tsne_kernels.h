// The kernels of t-SNE by direct sum, each the twin of a function on the CPU. N points, d dims.
// All sums have a fixed order: the same input gives the same bits.
#pragma once

#include <cuda_runtime.h>

#include "base/result.h"
#include "projector/schedule.h"

namespace spirogram::projector {

// Views into device memory, not owned.
struct DeviceMap {
  int points = 0;
  int dims = 0;
  float* coordinates = nullptr;       // d x N
  const float* affinities = nullptr;  // N x N
};

struct DeviceForces {
  float* attraction = nullptr;  // d x N
  float* repulsion = nullptr;   // d x N
  double* z = nullptr;          // N
  double* total_z = nullptr;    // 1
};

struct DeviceMomentum {
  float* velocity = nullptr;  // d x N
  float* gains = nullptr;     // d x N
};

// AccumulateForces (gradient.h), total_z included.
Status LaunchForces(const DeviceMap& map, const DeviceForces& forces, cudaStream_t stream);

// The rest of CpuEngine::Step: gains, velocity, clipping, move, centring. `axis_sums`: d, scratch.
Status LaunchUpdate(const DeviceMap& map, const DeviceForces& forces,
                    const DeviceMomentum& momentum, const StepParameters& step, double* axis_sums,
                    cudaStream_t stream);

// ComputeKlSums (kl_divergence.h). `rows`: 2 x N, scratch; sums: 2, weighted_log and z.
Status LaunchKlSums(const DeviceMap& map, double* rows, double* sums, cudaStream_t stream);

}  // namespace spirogram::projector
