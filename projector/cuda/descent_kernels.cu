// One descent over N points: a warp for each row of P (E / N is about 125, and the gathers of the
// other ends are what bounds a step), a thread for each point elsewhere. Sums go by blocks into
// partials and from there into one number, always in the same order.
#include "projector/cuda/descent_kernels.h"
#include "projector/cuda/launch.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kDirectChunk = 1024;  // points summed in float32 before they go to float64

template <int kDims>
__global__ void AttractionKernel(DeviceEdges edges, const DevicePoint<kDims>* map,
                                 DevicePoint<kDims>* attractions) {
  const int64_t row = WarpIndex();
  if (row >= edges.points) return;
  const DevicePoint<kDims> y = map[row];
  float sum[kDims] = {};
  const int64_t end = edges.row_starts[row + 1];
  for (int64_t at = edges.row_starts[row] + Lane(); at < end; at += kWarp) {
    Attract<kDims>(y, map[edges.columns[at]], edges.values[at], sum);
  }
  DevicePoint<kDims> total{};
  for (int k = 0; k < kDims; ++k) total.at[k] = WarpSum(sum[k]);
  if (Lane() == 0) attractions[row] = total;
}

// A warp for each point: lanes stride over the others, whose coordinates stay in the caches.
template <int kDims>
__global__ void DirectRepulsionKernel(int64_t points, const DevicePoint<kDims>* map,
                                      DevicePoint<kDims>* repulsions, float* potentials) {
  const int64_t row = WarpIndex();
  if (row >= points) return;
  const DevicePoint<kDims> y = map[row];
  double z = 0;
  double sum[kDims] = {};
  for (int64_t begin = 0; begin < points; begin += kDirectChunk) {
    const int64_t end = begin + kDirectChunk < points ? begin + kDirectChunk : points;
    float part_z = 0;
    float part[kDims] = {};
    for (int64_t j = begin + Lane(); j < end; j += kWarp) {
      if (j != row) part_z += Repel<kDims>(y, map[j], part);
    }
    z += part_z;
    for (int k = 0; k < kDims; ++k) sum[k] += part[k];
  }
  DevicePoint<kDims> total{};
  for (int k = 0; k < kDims; ++k) total.at[k] = static_cast<float>(WarpSum(sum[k]));
  z = WarpSum(z);
  if (Lane() > 0) return;
  repulsions[row] = total;
  potentials[row] = static_cast<float>(z);
}

// partials[b] = the sum of block b's values. One value a thread.
__global__ void PartialSumsKernel(int64_t count, const float* values, double* partials) {
  __shared__ double shared[kBlock];
  const int64_t at = ThreadIndex();
  const double sum =
      BlockReduce(at < count ? static_cast<double>(values[at]) : 0.0, shared, Plus());
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// The sum of `count` partials, by one block; the answer is for thread 0.
__device__ double SumOfPartials(int64_t count, const double* partials, double* shared) {
  double sum = 0;
  for (int64_t at = threadIdx.x; at < count; at += kBlock) sum += partials[at];
  return BlockReduce(sum, shared, Plus());
}

__global__ void TotalKernel(int64_t count, const double* partials, double* total) {
  __shared__ double shared[kBlock];
  const double sum = SumOfPartials(count, partials, shared);
  if (threadIdx.x == 0) *total = sum;
}

// partials: d x blocks, sums of the moved coordinates.
template <int kDims>
__global__ void MoveKernel(DescentArrays<kDims> arrays) {
  __shared__ double shared[kBlock];
  const int64_t i = ThreadIndex();
  DevicePoint<kDims> to{};
  if (i < arrays.points) {
    PointMotion<kDims> motion{arrays.velocities[i], arrays.gains[i]};
    to = motion.Move(arrays.map[i], arrays.attractions[i], arrays.repulsions[i],
                     static_cast<float>(1 / arrays.state->z), arrays.state->step);
    arrays.velocities[i] = motion.velocity;
    arrays.gains[i] = motion.gains;
    arrays.map[i] = to;
  }
  for (int k = 0; k < kDims; ++k) {
    const double sum = BlockReduce(static_cast<double>(to.at[k]), shared, Plus());
    if (threadIdx.x == 0) arrays.partials[k * gridDim.x + blockIdx.x] = sum;
  }
}

// By one block. `blocks` are those of MoveKernel.
template <int kDims>
__global__ void MeanKernel(DescentArrays<kDims> arrays, int64_t blocks) {
  __shared__ double shared[kBlock];
  for (int k = 0; k < kDims; ++k) {
    const double sum = SumOfPartials(blocks, arrays.partials + k * blocks, shared);
    if (threadIdx.x == 0) {
      arrays.state->mean[k] = static_cast<float>(sum / static_cast<double>(arrays.points));
    }
  }
}

struct Smaller {
  __device__ double operator()(double a, double b) const { return a < b ? a : b; }
};
struct Larger {
  __device__ double operator()(double a, double b) const { return a > b ? a : b; }
};

// Takes the mean off where wanted. partials: d x blocks lowest coordinates, then as many highest.
template <int kDims>
__global__ void CentreKernel(DescentArrays<kDims> arrays, bool is_moved) {
  __shared__ double shared[kBlock];
  const int64_t i = ThreadIndex();
  // Beyond the end, a point that is there already.
  DevicePoint<kDims> y = arrays.map[i < arrays.points ? i : blockIdx.x * int64_t{kBlock}];
  if (is_moved) {
    for (int k = 0; k < kDims; ++k) y.at[k] -= arrays.state->mean[k];
    __syncthreads();  // the last block reads its first point more than once
    if (i < arrays.points) arrays.map[i] = y;
  }
  for (int k = 0; k < kDims; ++k) {
    const double low = BlockReduce(static_cast<double>(y.at[k]), shared, Smaller());
    if (threadIdx.x == 0) arrays.partials[k * gridDim.x + blockIdx.x] = low;
    const double high = BlockReduce(static_cast<double>(y.at[k]), shared, Larger());
    if (threadIdx.x == 0) arrays.partials[(kDims + k) * gridDim.x + blockIdx.x] = high;
  }
}

// By one block.
template <int kDims>
__global__ void BoxKernel(DescentArrays<kDims> arrays, int64_t blocks, double spacing) {
  __shared__ double shared[kBlock];
  for (int k = 0; k < kDims; ++k) {
    const double* lows = arrays.partials + k * blocks;
    const double* highs = arrays.partials + (kDims + k) * blocks;
    double low = lows[0];
    double high = highs[0];
    for (int64_t at = threadIdx.x; at < blocks; at += kBlock) {
      low = Smaller()(low, lows[at]);
      high = Larger()(high, highs[at]);
    }
    low = BlockReduce(low, shared, Smaller());
    high = BlockReduce(high, shared, Larger());
    if (threadIdx.x != 0) continue;
    MeshBox* box = &arrays.state->box;
    box->low[k] = static_cast<float>(low);
    box->high[k] = static_cast<float>(high);
    box->origin[k] = MeshOrigin(box->low[k], spacing);
  }
}

// partials[b]: of the kWarpsPerBlock rows of block b.
template <int kDims>
__global__ void WeightedLogKernel(DeviceEdges edges, const DevicePoint<kDims>* map,
                                  double* partials) {
  __shared__ double shared[kBlock];
  const int64_t row = WarpIndex();
  double sum = 0;
  if (row < edges.points) {
    const DevicePoint<kDims> y = map[row];
    for (int64_t at = edges.row_starts[row] + Lane(); at < edges.row_starts[row + 1]; at += kWarp) {
      sum += WeightedLog<kDims>(y, map[edges.columns[at]], edges.values[at]);
    }
  }
  sum = BlockReduce(sum, shared, Plus());
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

__global__ void SumPLogPKernel(DeviceEdges edges, double* partials) {
  __shared__ double shared[kBlock];
  const int64_t row = WarpIndex();
  double sum = 0;
  if (row < edges.points) {
    for (int64_t at = edges.row_starts[row] + Lane(); at < edges.row_starts[row + 1]; at += kWarp) {
      const double p = edges.values[at];
      if (p > 0) sum += p * log(p);
    }
  }
  sum = BlockReduce(sum, shared, Plus());
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

template <int kDims>
Status LaunchCentreAndBox(const DescentArrays<kDims>& arrays, bool is_moved, double spacing,
                          cudaStream_t stream) {
  const int64_t blocks = BlocksFor(arrays.points, kBlock);
  constexpr char kWhat[] = "t-SNE on the device: bounds";
  RETURN_IF_ERROR(Launch(kWhat, CentreKernel<kDims>, blocks, stream, arrays, is_moved));
  return Launch(kWhat, BoxKernel<kDims>, 1, stream, arrays, blocks, spacing);
}

}  // namespace

// Launchers

int64_t DescentPartials(int64_t points) {
  return 6 * BlocksFor(points, kWarpsPerBlock);
}

template <int kDims>
Status LaunchAttraction(const DeviceEdges& edges, const DescentArrays<kDims>& arrays,
                        cudaStream_t stream) {
  return Launch("t-SNE on the device: attraction", AttractionKernel<kDims>,
                BlocksFor(edges.points, kWarpsPerBlock), stream, edges, arrays.map,
                arrays.attractions);
}

template <int kDims>
Status LaunchDirectRepulsion(const DescentArrays<kDims>& arrays, cudaStream_t stream) {
  return Launch("t-SNE on the device: repulsion", DirectRepulsionKernel<kDims>,
                BlocksFor(arrays.points, kWarpsPerBlock), stream, arrays.points, arrays.map,
                arrays.repulsions, arrays.potentials);
}

template <int kDims>
Status LaunchSumOfPotentials(const DescentArrays<kDims>& arrays, cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE on the device: Z";
  const int64_t blocks = BlocksFor(arrays.points, kBlock);
  RETURN_IF_ERROR(Launch(kWhat, PartialSumsKernel, blocks, stream, arrays.points, arrays.potentials,
                         arrays.partials));
  return Launch(kWhat, TotalKernel, 1, stream, blocks, arrays.partials, &arrays.state->z);
}

template <int kDims>
Status LaunchMove(const DescentArrays<kDims>& arrays, double spacing, cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE on the device: update";
  const int64_t blocks = BlocksFor(arrays.points, kBlock);
  RETURN_IF_ERROR(Launch(kWhat, MoveKernel<kDims>, blocks, stream, arrays));
  RETURN_IF_ERROR(Launch(kWhat, MeanKernel<kDims>, 1, stream, arrays, blocks));
  return LaunchCentreAndBox<kDims>(arrays, true, spacing, stream);
}

template <int kDims>
Status LaunchBox(const DescentArrays<kDims>& arrays, double spacing, cudaStream_t stream) {
  return LaunchCentreAndBox<kDims>(arrays, false, spacing, stream);
}

template <int kDims>
Status LaunchWeightedLog(const DeviceEdges& edges, const DescentArrays<kDims>& arrays, double* sum,
                         cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE on the device: KL divergence";
  const int64_t blocks = BlocksFor(edges.points, kWarpsPerBlock);
  RETURN_IF_ERROR(
      Launch(kWhat, WeightedLogKernel<kDims>, blocks, stream, edges, arrays.map, arrays.partials));
  return Launch(kWhat, TotalKernel, 1, stream, blocks, arrays.partials, sum);
}

Status LaunchSumPLogP(const DeviceEdges& edges, double* partials, double* sum,
                      cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE on the device: KL divergence";
  const int64_t blocks = BlocksFor(edges.points, kWarpsPerBlock);
  RETURN_IF_ERROR(Launch(kWhat, SumPLogPKernel, blocks, stream, edges, partials));
  return Launch(kWhat, TotalKernel, 1, stream, blocks, partials, sum);
}

#define SPIROGRAM_INSTANTIATE(kDims)                                                        \
  template Status LaunchAttraction<kDims>(const DeviceEdges&, const DescentArrays<kDims>&,  \
                                          cudaStream_t);                                    \
  template Status LaunchDirectRepulsion<kDims>(const DescentArrays<kDims>&, cudaStream_t);  \
  template Status LaunchSumOfPotentials<kDims>(const DescentArrays<kDims>&, cudaStream_t);  \
  template Status LaunchMove<kDims>(const DescentArrays<kDims>&, double, cudaStream_t);     \
  template Status LaunchBox<kDims>(const DescentArrays<kDims>&, double, cudaStream_t);      \
  template Status LaunchWeightedLog<kDims>(const DeviceEdges&, const DescentArrays<kDims>&, \
                                           double*, cudaStream_t);
SPIROGRAM_INSTANTIATE(2)
SPIROGRAM_INSTANTIATE(3)
#undef SPIROGRAM_INSTANTIATE

}  // namespace spirogram::projector
