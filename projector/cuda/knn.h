// The nearest neighbours of all rows on the GPU.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"

namespace spirogram::projector {

struct DeviceSearch {
  MatrixView matrix;
  // Of each row for cosine, else empty: 1 / |x|.
  std::span<const double> scales;
  // The rows that are compared with all, in any order that has nothing to do with what is near;
  // of equal rows at least the first k + 1.
  std::span<const int32_t> columns;
  int neighbors = 0;  // k
  // Of a tile, whose products, 32 MB, stay in the second-level cache of the larger devices.
  int64_t block_rows = 4096;
  int64_t tile_columns = 2048;
};

// Fills the indices and distances (N x k each) as ExactNeighbors does. Device memory: 4 N D bytes
// for the rows, 2 N D for those in half precision, and about 100 MB of tiles. *compared_again: how
// many rows the bound left open, which were compared with all others by the true distance.
// `progress` may be empty. Errors: kExhausted (the device's memory), kCancelled, kInternal.
Status FindNeighborsOnDevice(const DeviceSearch& search, std::span<int32_t> indices,
                             std::span<float> distances, int64_t* compared_again,
                             const std::stop_token& stop,
                             const std::function<void(double)>& progress);

}  // namespace spirogram::projector
