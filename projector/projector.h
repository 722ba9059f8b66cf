// A matrix in, coordinates out. No I/O; nothing here knows of runs, tags or HTTP.
//
// Shapes: N points, D input dims, d output dims. Matrices are row-major float32.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/courtesy.h"

namespace spirogram::projector {

// N x D, not owned. REQUIRES: values.size() == points * dims.
struct MatrixView {
  std::span<const float> values;
  int64_t points = 0;  // N
  int64_t dims = 0;    // D
};

enum class Device { kAuto, kCpu, kCuda };

struct PcaOptions {
  int components = 3;  // K, at most D or 3
  uint64_t seed = 1;
  // What sums over the rows, where there are as many rows as columns and enough to do; the CPU
  // serves where a GPU cannot.
  Device device = Device::kCpu;
  int threads = 0;  // 0: as many as the machine has cores
  Courtesy courtesy = Courtesy::kNone;
  // Those that are drawn, 0 to K - 1, in the order of the axes; empty: all.
  std::vector<int> drawn = {};
};

struct PcaResult {
  std::vector<float> coordinates;      // N x d, centred; d are drawn
  std::vector<double> variance_share;  // K: of the total, what each component explains
};

// The smaller of N and D may be at most this: an 8,192 x 8,192 matrix of float64 takes 512 MB.
inline constexpr int64_t kPcaSideMax = 8192;

// All rows, covariance in float64. Signs are fixed so that the same input gives the same picture:
// of each component's direction (D entries) the entry with the largest magnitude is positive; the
// number of threads changes no bit.
// Components without variance have coordinates and share 0, those of a picture beyond D too.
// Errors: kInvalidArgument (N < 1, D < 1, components or drawn ones out of range, NaN or infinity in
// the input:
// the row is named), kExhausted (min(N, D) > kPcaSideMax), kCancelled. The cost is N D min(N, D)
// operations.
Result<PcaResult> Pca(const MatrixView& matrix, const PcaOptions& options,
                      const std::stop_token& stop = {});

// What is near in the D dims.
enum class Metric { kEuclidean, kCosine };

struct TsneOptions {
  int dims = 2;  // 2 or 3
  // kUniform gives the `uniform_neighbors` nearest neighbours one weight each, in place of a
  // Gaussian of the wanted perplexity over three times as many: another objective, for a fast look.
  enum class Affinity { kPerplexity, kUniform } affinity = Affinity::kPerplexity;
  double perplexity = 30;
  int uniform_neighbors = 15;
  Metric metric = Metric::kEuclidean;

  int iterations = 750;
  // Where set, counts in place of `iterations`, is looked at after each of them and may change
  // meanwhile: a map that has gone far enough ends. Not owned.
  const std::atomic<int>* goal = nullptr;
  int early_exaggeration_iterations = 250;
  double early_exaggeration = 12;  // at first; falls to 1 over those iterations
  // Of the last iterations; from 2 to 4 it tightens the clusters of maps of a million points.
  int late_exaggeration_iterations = 0;
  double late_exaggeration = 1;
  // Where above 0: stops once the KL divergence falls by less than this share in 50 iterations, the
  // early exaggeration over; the iterations of the late one, where there are some, still follow.
  double kl_tolerance = 0;

  uint64_t seed = 1;
  // kGiven starts from `start` as it is; kSpectral is UMAP's alone.
  enum class Init { kPca, kRandom, kGiven, kSpectral } init = Init::kPca;
  std::span<const float> start;  // N x d, for kGiven

  // kExact: all pairs, N^2 work and memory. kParticleMesh: the nearest neighbours attract, a grid
  // repels (direct sums for few points). kAuto: exact up to kAutoExactPointsMax points.
  enum class Method { kAuto, kExact, kParticleMesh } method = Method::kAuto;
  // Of the particle mesh: 1/16 to 2, or 0 for 0.25, 0.35 from 50,000 points and 0.5 from 300,000.
  // Finer is more exact and slower; a coarse grid repels near points too little and leaves a higher
  // KL divergence.
  double grid_spacing = 0;
  // kAuto: a GPU where there is one and its memory suffices.
  Device device = Device::kAuto;
  int threads = 0;  // 0: as many as the machine has cores
  Courtesy courtesy = Courtesy::kNone;
  int report_interval = 10;  // iterations between progress calls
};

// As many as suit a map of so many iterations: half of few. One that ends while they last has not
// spread as far as it should.
constexpr int EarlyExaggerationIterations(int iterations) {
  return std::min(TsneOptions().early_exaggeration_iterations, iterations / 2);
}

struct TsneProgress {
  int iteration = 0;
  int iterations = 0;
  // KL(P||Q) without exaggeration, in nats; NaN before the first measurement.
  double kl_divergence = 0;
  // N x d, valid during the call only.
  std::span<const float> coordinates;
};

struct TsneResult {
  std::vector<float> coordinates;  // N x d
  // Of kExact: over all pairs. Of kParticleMesh: over the affinities of the nearest neighbours,
  // with Z from the grid, which is within 0.1 %.
  double kl_divergence = 0;
  int iterations = 0;
  bool has_settled = false;  // ended by kl_tolerance
  double seconds = 0;
  std::string device;          // "cpu" or the GPU's name
  std::string method = "";     // "exact" or "particle mesh"
  std::string neighbors = "";  // how they were found (neighbors.h); empty for "exact"
  // Between the nodes of the last grid; 0 for direct sums. Above the wanted one, the map outgrew
  // the largest grid, and its repulsion is the less exact.
  double grid_spacing = 0;
  // Not in `seconds`: to load the GPU's backend and make its context, once in a process.
  double device_seconds = 0;
  // Of `seconds`, by stage. The affinities of "exact" include their distances.
  double start_seconds = 0;
  double neighbor_seconds = 0;
  double affinity_seconds = 0;
  double descent_seconds = 0;
};

inline constexpr int64_t kAutoExactPointsMax = 2000;
// A perplexity of 1 is at most a third of the other points.
inline constexpr int64_t kTsnePointsMin = 4;
// Rows are numbered in 32 bits; memory ends earlier (TsneMemoryBytes).
inline constexpr int64_t kTsnePointsMax = 100'000'000;

// What Tsne needs beside the matrix of N x D, in bytes: an upper estimate.
int64_t TsneMemoryBytes(int64_t points, int64_t matrix_dims, const TsneOptions& options);

// t-SNE (van der Maaten and Hinton 2008) of any number of points. Calls `progress` (may be empty)
// from the calling thread; the map waits while it runs. The same seed, options, kind of device and
// matrix give the same map, whatever the number of threads.
// To continue a map, give it as `start` without early exaggeration.
// Errors: kInvalidArgument (N < 4; the perplexity not in [1, (N - 1) / 3]; NaN in the input;
// options out of range), kCancelled (stop requested), kUnavailable (kCuda without a usable GPU: why
// there is none), kExhausted (no memory, or with kCuda too little on the GPU: the bytes that are
// needed and free).
Result<TsneResult> Tsne(const MatrixView& matrix, const TsneOptions& options,
                        const std::function<void(const TsneProgress&)>& progress,
                        std::stop_token stop);

// The direct sum takes N^2 work per iteration; above this it is refused.
inline constexpr int64_t kExactTsnePointsMax = 10'000;

// Exact t-SNE (van der Maaten and Hinton 2008) by direct sum: the checker of faster engines.
// As Tsne with Method::kExact. Errors: kInvalidArgument (N < 4, N > kExactTsnePointsMax, perplexity
// not in [1, (N-1)/3], NaN in the input, ...), kCancelled (stop requested), kUnavailable (kCuda
// without one).
Result<TsneResult> ExactTsne(const MatrixView& matrix, const TsneOptions& options,
                             const std::function<void(const TsneProgress&)>& progress,
                             std::stop_token stop);

}  // namespace spirogram::projector
