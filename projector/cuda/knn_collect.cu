// What may be near is collected: a warp for a row reads 128 columns of a tile at once, and those
// that pass are appended. Where the room ends, the k-th best is found bit by bit, and what lies
// beyond its bound is dropped.
#include "projector/cuda/knn_kernels.h"
#include "projector/cuda/launch.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "neighbours on the device";
constexpr float kNothing = -1;  // a threshold of a row that gave up
constexpr int kQuad = 4;
static_assert(kTileMultiple % kQuad == 0);

struct ClearRow {
  DeviceCandidates candidates;
  __device__ void operator()(int64_t row) const {
    candidates.counts[row] = 0;
    candidates.thresholds[row] = INFINITY;
  }
};

// The largest number that fewer than `rank` of the keys, cut to their first bits, are below: the
// rank-th smallest. `bits` of 64 are looked at.
__device__ uint64_t SelectKey(const uint64_t* keys, int32_t count, int rank, int bits) {
  uint64_t found = 0;
  for (int bit = 63; bit >= 64 - bits; --bit) {
    const uint64_t trial = found | uint64_t{1} << bit;
    int below = 0;
    for (int32_t at = Lane(); at < count; at += kWarp) below += keys[at] < trial ? 1 : 0;
    if (WarpSum(below) < rank) found = trial;
  }
  return found;
}

// Keeps the keys up to `bound`, in their order; returns how many.
__device__ int32_t KeepUpTo(uint64_t bound, int32_t count, uint64_t* keys) {
  int32_t kept = 0;
  for (int32_t begin = 0; begin < count; begin += kWarp) {
    const int32_t at = begin + Lane();
    const uint64_t key = at < count ? keys[at] : 0;
    const bool is_kept = at < count && key <= bound;
    const unsigned votes = __ballot_sync(kWholeWarp, is_kept);
    if (is_kept) keys[kept + __popc(votes & ((1U << Lane()) - 1))] = key;
    kept += __popc(votes);
    __syncwarp();
  }
  return kept;
}

// What decides how far a candidate may be: the error of approximate squares.
struct WithinTheError {
  RoundedRow row;
  RoundingBounds bounds;
  static constexpr int kBits = 32;
  __device__ uint64_t BoundOf(uint64_t key) const {
    const float bound = CandidateBound(DistanceOfKey(key), row, bounds);
    return static_cast<uint64_t>(OrderedBits(bound)) << 32 | 0xFFFFFFFFU;
  }
};
// Or nothing: distances are true, and rows decide among equal ones.
struct AsItIs {
  static constexpr int kBits = 64;
  __device__ uint64_t BoundOf(uint64_t key) const { return key; }
};

// Drops what cannot be among the first k, and lowers the threshold. REQUIRES: all lanes, count >=
// k.
template <typename Rule>
__device__ int32_t Shrink(const Rule& rule, int neighbors, int32_t count, uint64_t* keys,
                          float* threshold) {
  __syncwarp();
  const uint64_t bound = rule.BoundOf(SelectKey(keys, count, neighbors, Rule::kBits));
  *threshold = DistanceOfKey(bound);
  return KeepUpTo(bound, count, keys);
}

// Four neighbouring numbers of a row or of columns: one access of a lane.
struct alignas(16) Quad {
  float at[kQuad];
};

struct alignas(16) RoundedPair {
  RoundedRow at[2];
};

// Whether any of the four is within the threshold.
__device__ inline bool IsAnyNear(const Quad& distances, int64_t column, const DeviceTile& tile,
                                 float threshold) {
  bool is_any = false;
  for (int at = 0; at < kQuad; ++at) {
    is_any = is_any || (column + at < tile.columns && distances.at[at] <= threshold);
  }
  return is_any;
}

// A warp's row takes in the columns of a tile, 128 at once: hardly any passes, and the warp waits
// for memory once for them all. `distances_of`(column) are the candidates' from `column` on.
template <typename Rule, typename DistancesOf>
__device__ void CollectRow(const DeviceTile& tile, int64_t row, const Rule& rule,
                           const DistancesOf& distances_of, const DeviceCandidates& candidates) {
  float threshold = candidates.thresholds[row];
  if (threshold == kNothing) return;
  uint64_t* keys = candidates.keys + row * candidates.capacity;
  int32_t count = candidates.counts[row];
  const int32_t number = tile.RowNumber(row);
  __syncwarp();  // before lane 0 sets them anew
  for (int64_t begin = 0; begin < tile.columns; begin += kQuad * kWarp) {
    const int64_t column = begin + kQuad * Lane();
    Quad distances{};
    if (column < tile.columns) distances = distances_of(column);
    if (__ballot_sync(kWholeWarp, IsAnyNear(distances, column, tile, threshold)) == 0) continue;
    for (int at = 0; at < kQuad; ++at) {
      const float distance = distances.at[at];
      bool is_near = column + at < tile.columns && distance <= threshold;
      int32_t other = number;
      if (is_near) other = tile.column_numbers[column + at];
      is_near = is_near && other != number;
      unsigned votes = __ballot_sync(kWholeWarp, is_near);
      if (count + __popc(votes) > candidates.capacity) {
        count = Shrink(rule, candidates.neighbors, count, keys, &threshold);
        if (count + kWarp > candidates.capacity) {
          threshold = kNothing;
          count = -1;
          break;
        }
        is_near = is_near && distance <= threshold;
        votes = __ballot_sync(kWholeWarp, is_near);
      }
      if (is_near) {
        keys[count + __popc(votes & ((1U << Lane()) - 1))] = CandidateKey(distance, other);
      }
      count += __popc(votes);
    }
    if (count < 0) break;
  }
  if (Lane() > 0) return;
  candidates.counts[row] = count;
  candidates.thresholds[row] = threshold;
}

__global__ void CollectKernel(DeviceTile tile, const RoundedRow* about,
                              const RoundedRow* columns_about, RoundingBounds bounds,
                              DeviceCandidates candidates) {
  const int64_t row = WarpIndex();
  if (row >= tile.rows) return;
  const RoundedRow own = about[row];
  const float* products = tile.values + row * tile.pitch;
  const auto squares = [&](int64_t column) {
    Quad square = *reinterpret_cast<const Quad*>(products + column);
    const auto* columns = reinterpret_cast<const RoundedPair*>(columns_about + column);
    const RoundedPair pairs[] = {columns[0], columns[1]};
    for (int at = 0; at < kQuad; ++at) {
      square.at[at] = own.square + pairs[at / 2].at[at % 2].square - 2 * square.at[at];
    }
    return square;
  };
  CollectRow(tile, row, WithinTheError{own, bounds}, squares, candidates);
}

__global__ void CollectNearestKernel(DeviceTile tile, DeviceCandidates candidates) {
  const int64_t row = WarpIndex();
  if (row >= tile.rows) return;
  const float* distances = tile.values + row * tile.pitch;
  const auto four = [&](int64_t column) {
    return *reinterpret_cast<const Quad*>(distances + column);
  };
  CollectRow(tile, row, AsItIs{}, four, candidates);
}

// The last selection of each row.
__global__ void ShrinkKernel(int64_t rows, const RoundedRow* about, RoundingBounds bounds,
                             DeviceCandidates candidates) {
  const int64_t row = WarpIndex();
  if (row >= rows || candidates.counts[row] < candidates.neighbors) return;
  const int32_t count = candidates.counts[row];
  float threshold = 0;
  const int32_t kept = Shrink(WithinTheError{about[row], bounds}, candidates.neighbors, count,
                              candidates.keys + row * candidates.capacity, &threshold);
  if (Lane() == 0) candidates.counts[row] = kept;
}

// A block for each row. Keys differ, so a key's place is how many are below it.
__global__ void OrderKernel(DeviceCandidates candidates, int32_t* indices, float* distances) {
  const int64_t row = blockIdx.x;
  const int32_t count = candidates.counts[row];
  const uint64_t* keys = candidates.keys + row * candidates.capacity;
  for (int32_t at = static_cast<int>(threadIdx.x); at < count; at += kBlock) {
    const uint64_t key = keys[at];
    int32_t place = 0;
    for (int32_t other = 0; other < count; ++other) place += keys[other] < key ? 1 : 0;
    if (place >= candidates.neighbors) continue;
    indices[row * candidates.neighbors + place] = RowOfKey(key);
    distances[row * candidates.neighbors + place] = DistanceOfKey(key);
  }
}

}  // namespace

// Launchers

Status LaunchClear(const DeviceCandidates& candidates, int64_t rows, cudaStream_t stream) {
  return ForEach(kWhat, rows, ClearRow{candidates}, stream);
}

Status LaunchCollect(const DeviceTile& tile, const RoundedRow* about,
                     const RoundedRow* columns_about, const RoundingBounds& bounds,
                     const DeviceCandidates& candidates, cudaStream_t stream) {
  return Launch(kWhat, CollectKernel, BlocksFor(tile.rows, kWarpsPerBlock), stream, tile, about,
                columns_about, bounds, candidates);
}

Status LaunchShrink(const DeviceTile& tile, const RoundedRow* about, const RoundingBounds& bounds,
                    const DeviceCandidates& candidates, cudaStream_t stream) {
  return Launch(kWhat, ShrinkKernel, BlocksFor(tile.rows, kWarpsPerBlock), stream, tile.rows, about,
                bounds, candidates);
}

Status LaunchCollectNearest(const DeviceTile& tile, const DeviceCandidates& candidates,
                            cudaStream_t stream) {
  return Launch(kWhat, CollectNearestKernel, BlocksFor(tile.rows, kWarpsPerBlock), stream, tile,
                candidates);
}

Status LaunchOrder(const DeviceTile& tile, const DeviceCandidates& candidates, int32_t* indices,
                   float* distances, cudaStream_t stream) {
  return Launch(kWhat, OrderKernel, tile.rows, stream, candidates, indices, distances);
}

}  // namespace spirogram::projector
