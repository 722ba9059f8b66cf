// A matrix in, coordinates out. No I/O; nothing here knows of runs, tags or HTTP.
//
// Shapes: N points, D input dims, d output dims. Matrices are row-major float32.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::projector {

// N x D, not owned. REQUIRES: values.size() == points * dims.
struct MatrixView {
  std::span<const float> values;
  int64_t points = 0;  // N
  int64_t dims = 0;    // D
};

enum class Device { kAuto, kCpu, kCuda };

struct PcaOptions {
  int components = 3;  // d, at most D
  uint64_t seed = 1;
};

struct PcaResult {
  std::vector<float> coordinates;  // N x d, centred
  std::vector<double>
      variance_share;  // d: share of the total variance that each component explains
};

// The smaller of N and D may be at most this: an 8,192 x 8,192 matrix of float64 takes 512 MB.
inline constexpr int64_t kPcaSideMax = 8192;

// All rows, covariance in float64. Signs are fixed so that the same input gives the same picture:
// of each component's direction (D entries) the entry with the largest magnitude is positive.
// Components without variance have coordinates and share 0. Errors: kInvalidArgument (N < 1, D < 1,
// components out of range, NaN or infinity in the input: the row is named), kExhausted (min(N, D) >
// kPcaSideMax).
Result<PcaResult> Pca(const MatrixView& matrix, const PcaOptions& options);

struct TsneOptions {
  int dims = 2;  // 2 or 3
  double perplexity = 30;
  int iterations = 750;
  int early_exaggeration_iterations = 250;
  double early_exaggeration = 12;
  uint64_t seed = 1;
  enum class Init { kPca, kRandom } init = Init::kPca;
  Device device = Device::kAuto;
  int threads = 0;           // 0: as many as the machine has cores
  int report_interval = 10;  // iterations between progress calls
};

struct TsneProgress {
  int iteration = 0;
  int iterations = 0;
  // Exact KL(P||Q) without exaggeration, over all pairs, in nats; NaN before the first measurement.
  double kl_divergence = 0;
  // N x d, valid during the call only.
  std::span<const float> coordinates;
};

struct TsneResult {
  std::vector<float> coordinates;  // N x d
  double kl_divergence = 0;        // exact
  int iterations = 0;
  double seconds = 0;
  std::string device;  // "cpu" or the GPU's name
};

// The direct sum takes N^2 work per iteration; above this it is refused.
inline constexpr int64_t kExactTsnePointsMax = 10'000;

// Exact t-SNE (van der Maaten and Hinton 2008) by direct sum: the checker of faster engines.
// Calls `progress` (may be empty) from the calling thread. The same seed, options and device kind
// give the same map. Errors: kInvalidArgument (N < 2, N > kExactTsnePointsMax, perplexity not in
// [1, (N-1)/3], NaN in the input, ...), kCancelled (stop requested), kUnavailable (kCuda without
// one).
Result<TsneResult> ExactTsne(const MatrixView& matrix, const TsneOptions& options,
                             const std::function<void(const TsneProgress&)>& progress,
                             std::stop_token stop);

}  // namespace spirogram::projector
