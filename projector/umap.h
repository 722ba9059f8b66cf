// UMAP (McInnes, Healy and Melville 2018, arXiv 1802.03426): a fuzzy set over the nearest
// neighbours, laid out by attraction along its edges and repulsion from points drawn at random.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

struct UmapOptions {
  int dims = 2;  // 2 or 3
  // k: a point itself and its k - 1 nearest others, as umap-learn counts; 2 to N.
  int neighbors = 15;
  double min_dist = 0.1;  // how near points may lie on the map; 0 to `spread`
  double spread = 1;      // the scale of the map
  Metric metric = Metric::kEuclidean;

  int epochs = 0;  // 0: 500 up to 10,000 points, else 200
  // As TsneOptions::goal. The learning rate falls to 0 at whatever it is.
  const std::atomic<int>* goal = nullptr;
  // That the given `start` has had: the learning rate and the turns of the edges go on as in one
  // descent of both, and `epochs` and `goal` count what is still to come.
  int epochs_before = 0;
  int negative_samples = 5;  // points that repel, for each attraction
  double learning_rate = 1;  // at first

  uint64_t seed = 1;
  // kSpectral: the slowest waves of the fuzzy set (spectral_start.h). kPca: the first principal
  // components. kRandom: a normal cloud. All are scaled until the farthest coordinate is 10.
  // kGiven: `start` as it is.
  TsneOptions::Init init = TsneOptions::Init::kPca;
  std::span<const float> start;  // N x d, for kGiven

  int threads = 0;  // 0: as many as the machine has cores
  Courtesy courtesy = Courtesy::kNone;
  int report_interval = 10;  // epochs between progress calls
};

struct UmapProgress {
  int epoch = 0;
  int epochs = 0;
  std::span<const float> coordinates;  // N x d, valid during the call only
};

struct UmapResult {
  std::vector<float> coordinates;  // N x d
  int epochs = 0;
  double a = 0;           // of the curve 1 / (1 + a distance^2b)
  double b = 0;           // that min_dist and spread stand for
  int64_t edges = 0;      // pairs of the fuzzy set
  std::string neighbors;  // how they were found (neighbors.h)
  // Why a spectral start, or a part of it, is one of principal components; empty where none is.
  std::string start_fallback;
  double seconds = 0;
  // Of `seconds`, by stage.
  double start_seconds = 0;
  double neighbor_seconds = 0;
  double affinity_seconds = 0;  // the fuzzy set
  double descent_seconds = 0;
};

// The epochs that the options ask for, the default resolved.
int UmapEpochs(int64_t points, const UmapOptions& options);

// What Umap needs beside the matrix of N x D, in bytes: an upper estimate.
int64_t UmapMemoryBytes(int64_t points, int64_t matrix_dims, const UmapOptions& options);

// Calls `progress` (may be empty) from the calling thread; the map waits while it runs. The same
// seed, options and matrix give the same map, whatever the number of threads (umap_layout.h).
// Errors: kInvalidArgument (N < 2, k not in [2, N], NaN in the input, options out of range: all
// named), kCancelled, kExhausted (no memory).
Result<UmapResult> Umap(const MatrixView& matrix, const UmapOptions& options,
                        const std::function<void(const UmapProgress&)>& progress,
                        std::stop_token stop);

}  // namespace spirogram::projector
