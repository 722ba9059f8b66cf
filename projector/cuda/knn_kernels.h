// The kernels of the search for neighbours on the GPU: launchers. N rows of D values, of which some
// are compared with all ("columns", in any order), and a block of them searches at a time.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "base/result.h"
#include "projector/cuda/knn_bodies.h"

namespace spirogram::projector {

// Views into device memory, not owned.
struct DeviceRows {
  const float* values = nullptr;   // N x D
  const double* scales = nullptr;  // N: 1 / |x| for cosine, else null
  int64_t rows = 0;                // N
  int64_t dims = 0;                // D
  SPIROGRAM_HOST_DEVICE bool is_cosine() const { return scales != nullptr; }
};

// Rows in half precision, `pitch` apart: D and zeros up to a multiple of 8.
struct HalfRows {
  __half* values = nullptr;
  RoundedRow* about = nullptr;
  int64_t pitch = 0;
};

// The kept candidates of each row of a block. A count of -1: too many had to be kept.
struct DeviceCandidates {
  uint64_t* keys = nullptr;     // rows x capacity
  int32_t* counts = nullptr;    // rows
  float* thresholds = nullptr;  // rows
  int64_t capacity = 0;
  int neighbors = 0;  // k
};

// 2 k and room to collect.
constexpr int64_t CandidateCapacity(int neighbors) {
  return 2 * int64_t{neighbors} + 96;
}

int64_t MeanPartials(int64_t dims);
// mean: D, of the scaled rows. `partials`: MeanPartials(D), scratch.
Status LaunchMean(const DeviceRows& rows, double* partials, double* mean, cudaStream_t stream);

// *largest: raised to the bits of the largest |scaled value - mean|, a float64. A number above 0 is
// larger than another where its bits are.
Status LaunchLargest(const DeviceRows& rows, const double* mean, unsigned long long* largest,
                     cudaStream_t stream);

// Row `first` + i, or `which`[i] where it is not null, of `count`, into `half`. extremes[0] and
// [1]: raised to the bits of the largest norm and move.
Status LaunchRound(const DeviceRows& rows, const double* mean, double scale, const int32_t* which,
                   int64_t first, int64_t count, const HalfRows& half, uint32_t* extremes,
                   cudaStream_t stream);

// No candidates, and any square passes.
Status LaunchClear(const DeviceCandidates& candidates, int64_t rows, cudaStream_t stream);

// Rows of a tile begin so many numbers apart, and so do the columns of tiles: kernels read four of
// them at once.
inline constexpr int64_t kTileMultiple = 4;

struct DeviceTile {
  const float* values =
      nullptr;  // products or distances, `pitch` a row: a multiple of kTileMultiple
  int64_t pitch = 0;
  int64_t rows = 0;  // of the block
  int64_t columns = 0;
  const int32_t* row_numbers = nullptr;  // of the block; null: from first_row on
  int64_t first_row = 0;
  const int32_t* column_numbers = nullptr;  // of these columns

  SPIROGRAM_HOST_DEVICE int32_t RowNumber(int64_t row) const {
    return row_numbers != nullptr ? row_numbers[row] : static_cast<int32_t>(first_row + row);
  }
};

// Takes in what passes, by approximate squares of the products in the tile. `about` are of the
// block's rows, `columns_about` of the tile's columns, with room for a multiple of kTileMultiple.
Status LaunchCollect(const DeviceTile& tile, const RoundedRow* about,
                     const RoundedRow* columns_about, const RoundingBounds& bounds,
                     const DeviceCandidates& candidates, cudaStream_t stream);

// Drops what cannot be a neighbour.
Status LaunchShrink(const DeviceTile& tile, const RoundedRow* about, const RoundingBounds& bounds,
                    const DeviceCandidates& candidates, cudaStream_t stream);

// Drops what cannot be a neighbour, and ranks the rest by the true distance: the first k of each
// row into indices and distances, rows x k. Rows with a count of -1 are left out.
Status LaunchRank(const DeviceRows& rows, const DeviceTile& tile, const RoundedRow* about,
                  const RoundingBounds& bounds, const DeviceCandidates& candidates,
                  int32_t* indices, float* distances, cudaStream_t stream);

// True distances of the tile's rows and columns into `values`, which is the tile's.
Status LaunchDistances(const DeviceRows& rows, const DeviceTile& tile, float* values,
                       cudaStream_t stream);
// Takes in the k nearest, by the distances in the tile; no row gives up.
Status LaunchCollectNearest(const DeviceTile& tile, const DeviceCandidates& candidates,
                            cudaStream_t stream);
// As LaunchRank, for candidates whose distances are true already.
Status LaunchOrder(const DeviceTile& tile, const DeviceCandidates& candidates, int32_t* indices,
                   float* distances, cudaStream_t stream);

}  // namespace spirogram::projector
