// Re-ordering: a stable radix sort by the Morton key, then gathers.
#include <algorithm>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>
#include <utility>

#include "projector/cuda/arrangement.h"
#include "projector/cuda/launch.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "t-SNE on the device: order";
constexpr int kKeyBits = 32;

struct Identity {
  int32_t* values;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const { values[i] = static_cast<int32_t>(i); }
};

template <int kDims>
struct FillKeys {
  const DevicePoint<kDims>* points;
  MeshBox box;
  uint32_t* keys;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const {
    keys[i] = MortonKey<kDims>(points[i], box);
  }
};

// to[i] = from[order[i]]
template <typename T>
struct Gather {
  const int32_t* order;
  const T* from;
  T* to;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const { to[i] = from[order[i]]; }
};

struct Invert {
  const int32_t* order;
  int32_t* places;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const {
    places[order[i]] = static_cast<int32_t>(i);
  }
};

// The length of each row by place; 0 behind the last.
struct FillLengths {
  int64_t points;
  const int32_t* order;
  const int64_t* point_starts;
  int64_t* lengths;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const {
    lengths[i] = i < points ? point_starts[order[i] + 1] - point_starts[order[i]] : 0;
  }
};

// A warp for each row. `from` is P by point, `to` by place.
__global__ void ArrangeRowsKernel(DeviceEdges from, const int32_t* order, const int32_t* places,
                                  const int64_t* row_starts, int32_t* columns, float* values) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kBlock + threadIdx.x;
  const int64_t row = thread / kWarp;
  if (row >= from.points) return;
  const int64_t source = from.row_starts[order[row]];
  const int64_t target = row_starts[row];
  const int64_t length = row_starts[row + 1] - target;
  for (int64_t at = thread % kWarp; at < length; at += kWarp) {
    columns[target + at] = places[from.columns[source + at]];
    values[target + at] = from.values[source + at];
  }
}

}  // namespace

Status Arrangement::Create(DeviceAffinities affinities, cudaStream_t stream) {
  by_point_ = std::move(affinities);
  points_ = by_point_.points;
  const auto points = static_cast<size_t>(points_);
  RETURN_IF_ERROR(row_starts_.Allocate(points + 1));
  RETURN_IF_ERROR(columns_.Allocate(by_point_.columns.size()));
  RETURN_IF_ERROR(values_.Allocate(by_point_.values.size()));
  for (auto* buffer : {&order_, &places_, &from_, &next_}) {
    RETURN_IF_ERROR(buffer->Allocate(points));
  }
  RETURN_IF_ERROR(keys_.Allocate(2 * points));
  RETURN_IF_ERROR(moved_.Allocate(4 * points));
  size_t sort_bytes = 0;
  size_t scan_bytes = 0;
  RETURN_IF_ERROR(CudaStatus(
      cub::DeviceRadixSort::SortPairs(nullptr, sort_bytes, keys_.data(), keys_.data(), next_.data(),
                                      from_.data(), points_, 0, kKeyBits, stream),
      kWhat));
  RETURN_IF_ERROR(CudaStatus(cub::DeviceScan::ExclusiveSum(nullptr, scan_bytes, row_starts_.data(),
                                                           row_starts_.data(), points_ + 1, stream),
                             kWhat));
  RETURN_IF_ERROR(scratch_.Allocate(std::max(sort_bytes, scan_bytes)));
  RETURN_IF_ERROR(ForEach(kWhat, points_, Identity{order_.data()}, stream));
  return ArrangeEdges(stream);
}

template <int kDims>
Status Arrangement::Reorder(const DescentArrays<kDims>& arrays, const MeshBox& box,
                            cudaStream_t stream) {
  RETURN_IF_ERROR(ForEach(kWhat, points_, FillKeys<kDims>{arrays.map, box, keys_.data()}, stream));
  RETURN_IF_ERROR(ForEach(kWhat, points_, Identity{next_.data()}, stream));
  size_t bytes = scratch_.size();
  RETURN_IF_ERROR(CudaStatus(
      cub::DeviceRadixSort::SortPairs(scratch_.data(), bytes, keys_.data(), keys_.data() + points_,
                                      next_.data(), from_.data(), points_, 0, kKeyBits, stream),
      kWhat));
  RETURN_IF_ERROR(Permute<kDims>(arrays.map, stream));
  RETURN_IF_ERROR(Permute<kDims>(arrays.velocities, stream));
  RETURN_IF_ERROR(Permute<kDims>(arrays.gains, stream));
  RETURN_IF_ERROR(
      ForEach(kWhat, points_, Gather<int32_t>{from_.data(), order_.data(), next_.data()}, stream));
  RETURN_IF_ERROR(CudaStatus(cudaMemcpyAsync(order_.data(), next_.data(), order_.bytes(),
                                             cudaMemcpyDeviceToDevice, stream),
                             kWhat));
  return ArrangeEdges(stream);
}

template <int kDims>
Status Arrangement::Permute(DevicePoint<kDims>* values, cudaStream_t stream) {
  auto* moved = reinterpret_cast<DevicePoint<kDims>*>(moved_.data());
  RETURN_IF_ERROR(
      ForEach(kWhat, points_, Gather<DevicePoint<kDims>>{from_.data(), values, moved}, stream));
  return CudaStatus(
      cudaMemcpyAsync(values, moved, static_cast<size_t>(points_) * sizeof(DevicePoint<kDims>),
                      cudaMemcpyDeviceToDevice, stream),
      kWhat);
}

Status Arrangement::ArrangeEdges(cudaStream_t stream) {
  RETURN_IF_ERROR(ForEach(kWhat, points_, Invert{order_.data(), places_.data()}, stream));
  RETURN_IF_ERROR(
      ForEach(kWhat, points_ + 1,
              FillLengths{points_, order_.data(), by_point_.row_starts.data(), row_starts_.data()},
              stream));
  size_t bytes = scratch_.size();
  RETURN_IF_ERROR(
      CudaStatus(cub::DeviceScan::ExclusiveSum(scratch_.data(), bytes, row_starts_.data(),
                                               row_starts_.data(), points_ + 1, stream),
                 kWhat));
  const DeviceEdges from{points_, by_point_.row_starts.data(), by_point_.columns.data(),
                         by_point_.values.data()};
  return Launch(kWhat, ArrangeRowsKernel, BlocksFor(points_, kWarpsPerBlock), stream, from,
                order_.data(), places_.data(), row_starts_.data(), columns_.data(), values_.data());
}

template Status Arrangement::Reorder<2>(const DescentArrays<2>&, const MeshBox&, cudaStream_t);
template Status Arrangement::Reorder<3>(const DescentArrays<3>&, const MeshBox&, cudaStream_t);

}  // namespace spirogram::projector
