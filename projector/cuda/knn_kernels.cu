// Rows in half precision and true distances. Compiled without fused multiply-add: distances are to
// have the bits of those on the CPU.
#include "projector/cuda/knn_kernels.h"
#include "projector/cuda/launch.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "neighbours on the device";
constexpr int kMeanChunks = 128;
constexpr int kLanes = 16;  // of a distance, as in knn_distance.cc

__device__ inline double ScaleOf(const DeviceRows& rows, int64_t row) {
  return rows.is_cosine() ? rows.scales[row] : 1;
}

// One column of one chunk of rows.
struct SumColumn {
  DeviceRows rows;
  double* partials;
  __device__ void operator()(int64_t at) const {
    const int64_t k = at % rows.dims;
    double sum = 0;
    for (int64_t i = at / rows.dims; i < rows.rows; i += kMeanChunks) {
      sum += ScaleOf(rows, i) * rows.values[i * rows.dims + k];
    }
    partials[at] = sum;
  }
};

struct FinishMean {
  DeviceRows rows;
  const double* partials;
  double* mean;
  __device__ void operator()(int64_t k) const {
    double sum = 0;
    for (int chunk = 0; chunk < kMeanChunks; ++chunk) sum += partials[chunk * rows.dims + k];
    mean[k] = sum / static_cast<double>(rows.rows);
  }
};

__device__ inline uint32_t BitsRoundedUp(double value) {
  const auto up = static_cast<float>(value * (1 + 0x1p-22));
  uint32_t bits;
  memcpy(&bits, &up, sizeof bits);
  return bits;
}

__global__ void LargestKernel(DeviceRows rows, const double* mean, unsigned long long* largest) {
  const int64_t row = WarpIndex();
  if (row >= rows.rows) return;
  const double scale = ScaleOf(rows, row);
  double most = 0;
  for (int64_t k = Lane(); k < rows.dims; k += kWarp) {
    const double size = fabs(scale * rows.values[row * rows.dims + k] - mean[k]);
    if (size > most) most = size;
  }
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    const double other = __shfl_xor_sync(kWholeWarp, most, offset);
    if (other > most) most = other;
  }
  if (Lane() > 0) return;
  unsigned long long bits;
  memcpy(&bits, &most, sizeof bits);
  atomicMax(largest, bits);
}

__global__ void RoundKernel(DeviceRows rows, const double* mean, double scale, const int32_t* which,
                            int64_t first, int64_t count, HalfRows half, uint32_t* extremes) {
  const int64_t at = WarpIndex();
  if (at >= count) return;
  const int64_t row = which != nullptr ? which[at] : first + at;
  const double row_scale = scale * ScaleOf(rows, row);
  double square = 0;
  double moved = 0;
  for (int64_t k = Lane(); k < half.pitch; k += kWarp) {
    const bool is_there = k < rows.dims;
    const double value = is_there ? row_scale * rows.values[row * rows.dims + k] : 0;
    const double centre = is_there ? scale * mean[k] : 0;
    const __half rounded = __float2half_rn(static_cast<float>(value - centre));
    const double u = static_cast<double>(__half2float(rounded));
    half.values[at * half.pitch + k] = rounded;
    square += u * u;
    // With what float64 itself lost.
    const double move = fabs(value - centre - u) + 0x1p-50 * (fabs(value) + fabs(centre));
    moved += move * move;
  }
  square = WarpSum(square);
  moved = sqrt(WarpSum(moved)) * (1 + 0x1p-20);
  if (Lane() > 0) return;
  RoundedRow about;
  about.square = static_cast<float>(square);
  about.moved = static_cast<float>(moved * (1 + 0x1p-22));
  half.about[at] = about;
  atomicMax(&extremes[0], BitsRoundedUp(sqrt(square) * (1 + 0x1p-20)));
  atomicMax(&extremes[1], BitsRoundedUp(moved));
}

// The sum of squares of a row's difference to another, in the order of knn_distance.cc: by the 16
// lanes of half a warp. The answer is for the first of these.
__device__ double SquareOfPair(const DeviceRows& rows, int64_t i, int64_t j) {
  const float* x = rows.values + i * rows.dims;
  const float* y = rows.values + j * rows.dims;
  const double a = ScaleOf(rows, i);
  const double b = ScaleOf(rows, j);
  double sum = 0;
  for (int64_t k = Lane() % kLanes; k < rows.dims; k += kLanes) {
    const double difference = a * x[k] - b * y[k];
    sum += difference * difference;
  }
  for (int width = kLanes / 2; width > 0; width /= 2)
    sum += __shfl_down_sync(kWholeWarp, sum, width);
  return sum;
}

// A block for each row: the true distance of each candidate into its key.
__global__ void MeasureKernel(DeviceRows rows, DeviceTile tile, DeviceCandidates candidates) {
  const int64_t row = blockIdx.x;
  const int32_t count = candidates.counts[row];
  const int32_t number = tile.RowNumber(row);
  uint64_t* keys = candidates.keys + row * candidates.capacity;
  const int half = Lane() / kLanes;
  for (int32_t pair = 2 * (static_cast<int>(threadIdx.x) / kWarp); pair < count;
       pair += 2 * kWarpsPerBlock) {
    const bool is_there = pair + half < count;
    const int32_t other = RowOfKey(keys[is_there ? pair + half : pair]);
    const double square = SquareOfPair(rows, number, other);
    __syncwarp();  // both halves have read the first key
    if (Lane() % kLanes == 0 && is_there) {
      keys[pair + half] = CandidateKey(RankedDistance(square, rows.is_cosine()), other);
    }
  }
}

// A block for 16 x 16 pairs, whose rows pass through shared memory 16 values at a time.
__global__ void DistancesKernel(DeviceRows rows, DeviceTile tile, int64_t blocks_across,
                                float* values) {
  __shared__ double x[kLanes][kLanes + 1];
  __shared__ double y[kLanes][kLanes + 1];
  const int across = static_cast<int>(threadIdx.x) % kLanes;
  const int down = static_cast<int>(threadIdx.x) / kLanes;
  const int64_t first_row = blockIdx.x / blocks_across * kLanes;
  const int64_t first_column = blockIdx.x % blocks_across * kLanes;
  const int64_t row = first_row + down;
  const int64_t loaded = first_column + down;  // each thread loads one value of a row and a column
  const int64_t i = row < tile.rows ? tile.RowNumber(row) : -1;
  const int64_t j = loaded < tile.columns ? tile.column_numbers[loaded] : -1;
  const double a = i >= 0 ? ScaleOf(rows, i) : 0;
  const double b = j >= 0 ? ScaleOf(rows, j) : 0;
  double lanes[kLanes] = {};
  for (int64_t begin = 0; begin < rows.dims; begin += kLanes) {
    const int64_t k = begin + across;
    const bool is_value = k < rows.dims;
    x[down][across] = is_value && i >= 0 ? a * rows.values[i * rows.dims + k] : 0;
    y[down][across] = is_value && j >= 0 ? b * rows.values[j * rows.dims + k] : 0;
    __syncthreads();
    for (int lane = 0; lane < kLanes; ++lane) {
      const double difference = x[down][lane] - y[across][lane];
      lanes[lane] += difference * difference;
    }
    __syncthreads();
  }
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  const int64_t column = first_column + across;
  if (i < 0 || column >= tile.columns) return;
  values[row * tile.pitch + column] = RankedDistance(lanes[0], rows.is_cosine());
}

}  // namespace

// Launchers

int64_t MeanPartials(int64_t dims) {
  return kMeanChunks * dims;
}

Status LaunchMean(const DeviceRows& rows, double* partials, double* mean, cudaStream_t stream) {
  RETURN_IF_ERROR(ForEach(kWhat, MeanPartials(rows.dims), SumColumn{rows, partials}, stream));
  return ForEach(kWhat, rows.dims, FinishMean{rows, partials, mean}, stream);
}

Status LaunchLargest(const DeviceRows& rows, const double* mean, unsigned long long* largest,
                     cudaStream_t stream) {
  return Launch(kWhat, LargestKernel, BlocksFor(rows.rows, kWarpsPerBlock), stream, rows, mean,
                largest);
}

Status LaunchRound(const DeviceRows& rows, const double* mean, double scale, const int32_t* which,
                   int64_t first, int64_t count, const HalfRows& half, uint32_t* extremes,
                   cudaStream_t stream) {
  return Launch(kWhat, RoundKernel, BlocksFor(count, kWarpsPerBlock), stream, rows, mean, scale,
                which, first, count, half, extremes);
}

Status LaunchRank(const DeviceRows& rows, const DeviceTile& tile, const RoundedRow* about,
                  const RoundingBounds& bounds, const DeviceCandidates& candidates,
                  int32_t* indices, float* distances, cudaStream_t stream) {
  RETURN_IF_ERROR(LaunchShrink(tile, about, bounds, candidates, stream));
  RETURN_IF_ERROR(Launch(kWhat, MeasureKernel, tile.rows, stream, rows, tile, candidates));
  return LaunchOrder(tile, candidates, indices, distances, stream);
}

Status LaunchDistances(const DeviceRows& rows, const DeviceTile& tile, float* values,
                       cudaStream_t stream) {
  const int64_t across = BlocksFor(tile.columns, kLanes);
  return Launch(kWhat, DistancesKernel, across * BlocksFor(tile.rows, kLanes), stream, rows, tile,
                across, values);
}

}  // namespace spirogram::projector
