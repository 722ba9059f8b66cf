// The repulsive half of t-SNE's gradient by a particle mesh in device memory: the twin of
// projector/particle_mesh.h, with one real transform forward and one back, by cuFFT.
#pragma once

#include <cuda_runtime.h>
#include <cufft.h>

#include <cstdint>
#include <utility>

#include "base/result.h"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/mesh_bodies.h"
#include "projector/mesh_plan.h"

namespace spirogram::projector {

// A plan of cuFFT, owned. Move-only.
class FftPlan {
 public:
  FftPlan() = default;
  ~FftPlan() {
    if (is_made_) cufftDestroy(plan_);
  }
  FftPlan(FftPlan&& other) noexcept
      : plan_(other.plan_), is_made_(std::exchange(other.is_made_, false)) {}
  FftPlan& operator=(FftPlan&& other) noexcept {
    std::swap(plan_, other.plan_);
    std::swap(is_made_, other.is_made_);
    return *this;
  }

  // side^dims values, real on one side, in place. REQUIRES: nothing is made yet.
  Status Make(int dims, int side, cufftType type, cudaStream_t stream);
  cufftHandle get() const { return plan_; }

 private:
  cufftHandle plan_ = 0;
  bool is_made_ = false;
};

// The least size of a grid. Up to here it costs no more than the points do, and a larger one need
// not be made so soon: a map of 70,000 would be given ten grids on its way from a point to its full
// size.
int64_t MeshSizeMin(int64_t points, int dims);

// Device memory at the largest grid, 4096^2 or 256^3: about 0.9 or 1.3 GB. Not thread-safe.
template <int kDims>
class MeshOnDevice {
 public:
  // Prepares grid, transforms and kernel; the memory of the last plan is freed first. What was
  // captured into a graph before must not run any more. Errors: kExhausted.
  Status Prepare(const MeshPlan& plan, cudaStream_t stream);

  // Enqueues: forces (N) and potentials (N) of the points, whose box is `box`; sets *is_outgrown
  // where a point lies beyond the grid, and the answers are then meaningless. The same bits each
  // time. REQUIRES: Prepare has succeeded.
  Status Repulsion(const DevicePoint<kDims>* points, int64_t count, const MeshBox* box,
                   DevicePoint<kDims>* forces, float* potentials, int* is_outgrown,
                   cudaStream_t stream);

  const MeshShape& shape() const { return shape_; }

 private:
  Status Resize(int64_t size, cudaStream_t stream);
  int64_t PaddedSize() const;
  int64_t SpectrumSize() const { return PaddedSize() / 2; }
  Status Convolve(cudaStream_t stream);
  Status FillFactors(cudaStream_t stream);
  Status FillOwnPotential(cudaStream_t stream);

  MeshShape shape_;
  FftPlan forward_;
  FftPlan inverse_;
  DeviceBuffer<unsigned long long> charges_;  // size^d
  DeviceBuffer<float> padded_;                // side^(d - 1) x 2 (size + 1): in place for cuFFT
  DeviceBuffer<float> factors_;               // (size + 1)^d
  DeviceBuffer<float> own_potential_;         // 4^d
};

extern template class MeshOnDevice<2>;
extern template class MeshOnDevice<3>;

}  // namespace spirogram::projector
