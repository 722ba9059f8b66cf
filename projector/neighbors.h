// The nearest neighbours of every row of a matrix: the graph that t-SNE, UMAP and the statistics of
// an embedding start from.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

struct NeighborOptions {
  int neighbors = 90;  // k, at most N - 1
  Metric metric = Metric::kEuclidean;
  // kCells compares a row with those of the cells around it alone (knn_cells.h). kAuto: cells where
  // they should take less than half as long as comparing every pair, and that is more than a
  // moment: as a sample of the rows tells, or beyond kExactRowsMax.
  enum class Method { kAuto, kExact, kCells } method = Method::kAuto;
  uint64_t seed = 1;  // of the cells and samples
  // Of cells: the share of the neighbours that a sample of the rows must find, above 0 to 1. A map
  // does with less than what is counted or shown.
  double recall = 0.999;
  // Of exact neighbours. kAuto: the GPU where there is one and it has the memory, from
  // kGpuNeighborPairsMin pairs of values on; never for Method::kCells.
  Device device = Device::kCpu;
};

// Beyond, kAuto never compares every pair on the CPU, however little the cells would find.
inline constexpr int64_t kExactRowsMax = 500'000;

// N^2 D: below this the GPU is not worth waking.
inline constexpr double kGpuNeighborPairsMin = 1e9;

// A row is never its own neighbour, even where other rows are equal to it. Equal distances are
// ordered by row number.
struct NeighborGraph {
  int64_t points = 0;            // N
  int neighbors = 0;             // k
  std::vector<int32_t> indices;  // N x k, nearest first
  // N x k: |x - y|, or for cosine 1 - x.y / (|x| |y|). Direct sums, so duplicates are at 0 exactly.
  std::vector<float> distances;
  // For people to read: "exact", "exact (GPU)", or "cells, recall 0.997 on 192 rows", where some
  // neighbours may be missing and the recall was measured.
  std::string method;

  std::span<const int32_t> RowIndices(int64_t row) const {
    return std::span(indices).subspan(static_cast<size_t>(row) * static_cast<size_t>(neighbors),
                                      static_cast<size_t>(neighbors));
  }
  std::span<const float> RowDistances(int64_t row) const {
    return std::span(distances).subspan(static_cast<size_t>(row) * static_cast<size_t>(neighbors),
                                        static_cast<size_t>(neighbors));
  }
};

// `progress` (may be empty) gets the share of the work done, 0 to 1, from the calling thread. The
// same matrix, options and seed give the same graph, whatever the number of threads.
// Errors: kInvalidArgument (N < 2, k not in [1, N - 1], NaN or infinity: the row is named; a row of
// zeros has no direction and is refused for cosine), kExhausted (N beyond 2^31 - 1, memory),
// kUnavailable (Device::kCuda without a usable GPU), kCancelled.
Result<NeighborGraph> NearestNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress);

// What NearestNeighbors needs on the CPU beside the matrix of N x D, its answer included, in bytes:
// an upper estimate.
int64_t NeighborMemoryBytes(int64_t points, int64_t dims, int neighbors);

}  // namespace spirogram::projector
