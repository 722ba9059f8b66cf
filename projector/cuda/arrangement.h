// The points of a map in the order of a Morton curve (morton.h), in device memory, and P in
// compressed rows arranged to match: what a point reads of its neighbours then lies near in memory.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "base/result.h"
#include "projector/cuda/affinities.h"
#include "projector/cuda/descent_kernels.h"
#include "projector/cuda/device_buffer.h"

namespace spirogram::projector {

// Device memory: 16 bytes an edge and about 60 a point. Not thread-safe.
class Arrangement {
 public:
  // Takes P over, in the order of its points. Errors: kExhausted.
  Status Create(DeviceAffinities affinities, cudaStream_t stream);

  // P for the points where they lie now. The addresses do not change.
  DeviceEdges edges() const {
    return {points_, row_starts_.data(), columns_.data(), values_.data()};
  }
  // Place to point, N.
  const int32_t* order() const { return order_.data(); }

  // Enqueues: moves the points of these arrays, whose box is `box`, along a new curve, and P with
  // them.
  template <int kDims>
  Status Reorder(const DescentArrays<kDims>& arrays, const MeshBox& box, cudaStream_t stream);

 private:
  template <int kDims>
  Status Permute(DevicePoint<kDims>* values, cudaStream_t stream);
  Status ArrangeEdges(cudaStream_t stream);

  int64_t points_ = 0;
  DeviceAffinities by_point_;         // P as it came
  DeviceBuffer<int64_t> row_starts_;  // N + 1: P by place
  DeviceBuffer<int32_t> columns_;
  DeviceBuffer<float> values_;
  DeviceBuffer<int32_t> order_;          // place to point
  DeviceBuffer<int32_t> places_;         // point to place
  DeviceBuffer<int32_t> from_;           // new place to old
  DeviceBuffer<int32_t> next_;           // scratch for the order
  DeviceBuffer<uint32_t> keys_;          // 2 x N
  DeviceBuffer<float> moved_;            // N x 4
  DeviceBuffer<unsigned char> scratch_;  // CUB's
};

}  // namespace spirogram::projector
