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
  // kAuto: whichever should be done first by the threads that there are. On two cores that is exact
  // to about 250,000 rows, an index above.
  enum class Method { kAuto, kExact, kIndex } method = Method::kAuto;
  uint64_t seed = 1;  // of the index
  // Of exact neighbours. kAuto: the GPU where there is one and it has the memory, from
  // kGpuNeighborPairsMin pairs of values on; never for Method::kIndex.
  Device device = Device::kCpu;
};

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
  // For people to read: "exact", "exact (GPU)", or "index (HNSW), recall 0.995 on 200 rows", where
  // some neighbours may be missing and the recall was measured.
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
// same matrix, options and seed give the same graph, whatever the number of threads (with kAuto
// that number has a say in which method it is).
// Errors: kInvalidArgument (N < 2, k not in [1, N - 1], NaN or infinity: the row is named; a row of
// zeros has no direction and is refused for cosine), kExhausted (N beyond 2^31 - 1, memory),
// kUnavailable (Device::kCuda without a usable GPU), kCancelled.
Result<NeighborGraph> NearestNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress);

}  // namespace spirogram::projector
