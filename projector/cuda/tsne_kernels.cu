// Direct sums over all pairs. A warp owns a row i: its lanes stride over the points j, so that they
// read row i of the affinities in one piece (N^2 floats per step, the bound of these kernels),
// while the coordinates, which every row needs, pass through shared memory in tiles.
#include "gpu/launch.cuh"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/tsne_kernels.h"

namespace spirogram::projector {
namespace {

constexpr int kWarp = 32;
constexpr int kWarpsPerBlock = 8;
constexpr int kBlock = kWarp * kWarpsPerBlock;
constexpr int kTile = 1024;     // points whose coordinates lie in shared memory
constexpr int kSumBlock = 512;  // a power of two

__device__ double WarpSum(double value) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(0xffffffff, value, offset);
  }
  return value;
}

// Copies points [begin, begin + size) of the map into `tile`, with all threads of the block.
template <int kDims>
__device__ void LoadTile(const DeviceMap& map, int begin, int size, float (*tile)[kTile]) {
  __syncthreads();  // the last tile is still in use
  for (int k = 0; k < kDims; ++k) {
    for (int j = threadIdx.x; j < size; j += kBlock) {
      tile[k][j] = map.coordinates[k * map.points + begin + j];
    }
  }
  __syncthreads();
}

// float32 within a tile, float64 across tiles, as on the CPU.
template <int kDims>
__global__ void ForcesKernel(DeviceMap map, DeviceForces forces) {
  constexpr int kSums = 1 + 2 * kDims;  // z, attraction, repulsion
  __shared__ float tile[kDims][kTile];
  const int lane = threadIdx.x % kWarp;
  const int i = blockIdx.x * kWarpsPerBlock + threadIdx.x / kWarp;
  const bool has_row = i < map.points;  // warps without one still load tiles
  const float* p = map.affinities + static_cast<size_t>(has_row ? i : 0) * map.points;
  float y[kDims];
  for (int k = 0; k < kDims; ++k) y[k] = has_row ? map.coordinates[k * map.points + i] : 0.0F;
  double sums[kSums] = {};
  for (int begin = 0; begin < map.points; begin += kTile) {
    const int size = min(kTile, map.points - begin);
    LoadTile<kDims>(map, begin, size, tile);
    if (!has_row) continue;
    float part[kSums] = {};
    for (int j = lane; j < size; j += kWarp) {
      if (begin + j == i) continue;
      float difference[kDims];
      float square = 1;
      for (int k = 0; k < kDims; ++k) {
        difference[k] = y[k] - tile[k][j];
        square += difference[k] * difference[k];
      }
      const float q = 1 / square;
      const float pq = p[begin + j] * q;
      part[0] += q;
      for (int k = 0; k < kDims; ++k) {
        part[1 + k] += pq * difference[k];
        part[1 + kDims + k] += q * q * difference[k];
      }
    }
    for (int s = 0; s < kSums; ++s) sums[s] += part[s];
  }
  if (!has_row) return;
  for (int s = 0; s < kSums; ++s) sums[s] = WarpSum(sums[s]);
  if (lane != 0) return;
  forces.z[i] = sums[0];
  for (int k = 0; k < kDims; ++k) {
    forces.attraction[k * map.points + i] = static_cast<float>(sums[1 + k]);
    forces.repulsion[k * map.points + i] = static_cast<float>(sums[1 + kDims + k]);
  }
}

// sums[b] = the sum of rows[b * size, (b + 1) * size) for block b. One block per sum.
template <typename T>
__global__ void SumKernel(const T* rows, int size, double* sums) {
  __shared__ double parts[kSumBlock];
  const T* row = rows + static_cast<size_t>(blockIdx.x) * size;
  double sum = 0;
  for (int j = threadIdx.x; j < size; j += kSumBlock) sum += row[j];
  parts[threadIdx.x] = sum;
  __syncthreads();
  for (int half = kSumBlock / 2; half > 0; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) parts[threadIdx.x] += parts[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = parts[0];
}

struct UpdateRates {
  float exaggeration, learning_rate, momentum;
};

// One thread per point.
__global__ void UpdateKernel(DeviceMap map, DeviceForces forces, DeviceMomentum momentum,
                             UpdateRates rates) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= map.points) return;  // guard
  const auto inverse_z = static_cast<float>(1 / *forces.total_z);
  float square = 0;
  for (int k = 0; k < map.dims; ++k) {
    const int at = k * map.points + i;
    const float gradient =
        rates.exaggeration * forces.attraction[at] - inverse_z * forces.repulsion[at];
    const float velocity = momentum.velocity[at];
    const bool keeps_direction = gradient * velocity < 0;
    const float gain =
        keeps_direction ? momentum.gains[at] + kGainIncrease : momentum.gains[at] * kGainDecrease;
    momentum.gains[at] = fmaxf(gain, kGainMin);
    const float next =
        rates.momentum * velocity - rates.learning_rate * momentum.gains[at] * gradient;
    momentum.velocity[at] = next;
    square += next * next;
  }
  const bool is_clipped = square > kStepNormMax * kStepNormMax;
  const float scale = is_clipped ? kStepNormMax / sqrtf(square) : 1.0F;
  for (int k = 0; k < map.dims; ++k) {
    const int at = k * map.points + i;
    momentum.velocity[at] *= scale;
    map.coordinates[at] += momentum.velocity[at];
  }
}

// One thread per coordinate; axis_sums: d.
__global__ void CentreKernel(DeviceMap map, const double* axis_sums) {
  const int at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= map.dims * map.points) return;  // guard
  map.coordinates[at] -= static_cast<float>(axis_sums[at / map.points] / map.points);
}

// float64 throughout; rows: 2 x N, weighted_log and z of each point.
template <int kDims>
__global__ void KlRowsKernel(DeviceMap map, double* rows) {
  __shared__ float tile[kDims][kTile];
  const int lane = threadIdx.x % kWarp;
  const int i = blockIdx.x * kWarpsPerBlock + threadIdx.x / kWarp;
  const bool has_row = i < map.points;
  const float* p = map.affinities + static_cast<size_t>(has_row ? i : 0) * map.points;
  double y[kDims];
  for (int k = 0; k < kDims; ++k) y[k] = has_row ? map.coordinates[k * map.points + i] : 0.0;
  double weighted_log = 0;
  double z = 0;
  for (int begin = 0; begin < map.points; begin += kTile) {
    const int size = min(kTile, map.points - begin);
    LoadTile<kDims>(map, begin, size, tile);
    if (!has_row) continue;
    for (int j = lane; j < size; j += kWarp) {
      if (begin + j == i) continue;
      double square = 1;
      for (int k = 0; k < kDims; ++k) {
        const double difference = y[k] - tile[k][j];
        square += difference * difference;
      }
      z += 1 / square;
      weighted_log += p[begin + j] * log(square);
    }
  }
  if (!has_row) return;
  weighted_log = WarpSum(weighted_log);
  z = WarpSum(z);
  if (lane != 0) return;
  rows[i] = weighted_log;
  rows[map.points + i] = z;
}

// Launchers

template <typename... Parameters, typename... Arguments>
Status LaunchKernel(const char* what, void (*kernel)(Parameters...), int blocks, int threads,
                    cudaStream_t stream, const Arguments&... arguments) {
  return CudaStatus(gpu::Launch(kernel, static_cast<size_t>(blocks), static_cast<unsigned>(threads),
                                stream, arguments...),
                    what);
}

int BlocksFor(int count, int per_block) {
  return (count + per_block - 1) / per_block;
}

}  // namespace

Status LaunchForces(const DeviceMap& map, const DeviceForces& forces, cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE: forces";
  const auto kernel = map.dims == 2 ? ForcesKernel<2> : ForcesKernel<3>;
  RETURN_IF_ERROR(LaunchKernel(kWhat, kernel, BlocksFor(map.points, kWarpsPerBlock), kBlock, stream,
                               map, forces));
  return LaunchKernel(kWhat, SumKernel<double>, 1, kSumBlock, stream, forces.z, map.points,
                      forces.total_z);
}

Status LaunchUpdate(const DeviceMap& map, const DeviceForces& forces,
                    const DeviceMomentum& momentum, const StepParameters& step, double* axis_sums,
                    cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE: update";
  const UpdateRates rates{static_cast<float>(step.exaggeration),
                          static_cast<float>(step.learning_rate),
                          static_cast<float>(step.momentum)};
  RETURN_IF_ERROR(LaunchKernel(kWhat, UpdateKernel, BlocksFor(map.points, kBlock), kBlock, stream,
                               map, forces, momentum, rates));
  RETURN_IF_ERROR(LaunchKernel(kWhat, SumKernel<float>, map.dims, kSumBlock, stream,
                               map.coordinates, map.points, axis_sums));
  return LaunchKernel(kWhat, CentreKernel, BlocksFor(map.dims * map.points, kBlock), kBlock, stream,
                      map, axis_sums);
}

Status LaunchKlSums(const DeviceMap& map, double* rows, double* sums, cudaStream_t stream) {
  constexpr char kWhat[] = "t-SNE: KL divergence";
  const auto kernel = map.dims == 2 ? KlRowsKernel<2> : KlRowsKernel<3>;
  RETURN_IF_ERROR(LaunchKernel(kWhat, kernel, BlocksFor(map.points, kWarpsPerBlock), kBlock, stream,
                               map, rows));
  return LaunchKernel(kWhat, SumKernel<double>, 2, kSumBlock, stream, rows, map.points, sums);
}

}  // namespace spirogram::projector
