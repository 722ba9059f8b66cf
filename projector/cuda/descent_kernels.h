// The kernels of sparse t-SNE on the GPU, but for the mesh: launchers, each the twin of a part of
// projector/sparse_engine.cc. N points, d dims, E edges. Sums have a fixed order: the same input
// gives the same bits.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "base/result.h"
#include "projector/cuda/descent_bodies.h"

namespace spirogram::projector {

// P in compressed rows. Views into device memory, not owned.
struct DeviceEdges {
  int64_t points = 0;
  const int64_t* row_starts = nullptr;  // N + 1
  const int32_t* columns = nullptr;     // E
  const float* values = nullptr;        // E
};

// What a step reads and leaves beside the points. In device memory: nothing of it is known to the
// host while steps are enqueued.
struct DescentState {
  StepFactors step;
  MeshBox box;
  float mean[3];
  double z;
  int is_outgrown;  // since it was last set to 0
};

// One array of N each; `partials` is scratch, of DescentPartials(N) float64.
template <int kDims>
struct DescentArrays {
  int64_t points = 0;
  DevicePoint<kDims>* map = nullptr;
  DevicePoint<kDims>* velocities = nullptr;
  DevicePoint<kDims>* gains = nullptr;
  DevicePoint<kDims>* attractions = nullptr;
  DevicePoint<kDims>* repulsions = nullptr;
  float* potentials = nullptr;
  double* partials = nullptr;
  DescentState* state = nullptr;
};

int64_t DescentPartials(int64_t points);

// sum_j p_ij q_ij (y_i - y_j) into `attractions`.
template <int kDims>
Status LaunchAttraction(const DeviceEdges& edges, const DescentArrays<kDims>& arrays,
                        cudaStream_t stream);

// Of all pairs, into `repulsions` and `potentials`.
template <int kDims>
Status LaunchDirectRepulsion(const DescentArrays<kDims>& arrays, cudaStream_t stream);

// The sum of the potentials into the state's z.
template <int kDims>
Status LaunchSumOfPotentials(const DescentArrays<kDims>& arrays, cudaStream_t stream);

// Gains, velocity, clipping, move, centring, and the box of the moved map.
template <int kDims>
Status LaunchMove(const DescentArrays<kDims>& arrays, double spacing, cudaStream_t stream);

// The box of the map, with the origin of a grid of that spacing.
template <int kDims>
Status LaunchBox(const DescentArrays<kDims>& arrays, double spacing, cudaStream_t stream);

// *sum = sum of p ln(1 + |y_i - y_j|^2) over the edges.
template <int kDims>
Status LaunchWeightedLog(const DeviceEdges& edges, const DescentArrays<kDims>& arrays, double* sum,
                         cudaStream_t stream);

// *sum = sum of p ln p. `partials`: DescentPartials(N).
Status LaunchSumPLogP(const DeviceEdges& edges, double* partials, double* sum, cudaStream_t stream);

}  // namespace spirogram::projector
