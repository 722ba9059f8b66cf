#include "projector/direct_repulsion.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kLanes = 16;
constexpr int64_t kRun = 1024 * kLanes;
constexpr int64_t kBlockRows = 32;

// One point against [0, N), itself among them: its q is exactly 1 and its force 0.
template <int kDims>
[[gnu::always_inline]] inline double RepelRow(const float* const* axes, int64_t i, int64_t padded,
                                              float* force) {
  double sums[1 + kDims] = {};
  for (int64_t run = 0; run < padded; run += kRun) {
    const int64_t end = std::min(run + kRun, padded);
    float lanes[1 + kDims][kLanes] = {};
    for (int64_t j = run; j < end; j += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        float difference[kDims];
        float square = 1;
        for (int k = 0; k < kDims; ++k) {
          difference[k] = axes[k][i] - axes[k][j + lane];
          square += difference[k] * difference[k];
        }
        const float q = 1 / square;
        lanes[0][lane] += q;
        for (int k = 0; k < kDims; ++k) lanes[1 + k][lane] += q * q * difference[k];
      }
    }
    for (int s = 0; s < 1 + kDims; ++s) {
      for (int64_t lane = 0; lane < kLanes; ++lane) sums[s] += lanes[s][lane];
    }
  }
  for (int k = 0; k < kDims; ++k) force[k] = static_cast<float>(sums[1 + k]);
  return sums[0] - 1;
}

template <int kDims>
[[gnu::always_inline]] inline double RepelRows(const float* const* axes, int64_t begin, int64_t end,
                                               int64_t padded, float* forces) {
  double z = 0;
  for (int64_t i = begin; i < end; ++i) {
    z += RepelRow<kDims>(axes, i, padded, forces + i * (kDims == 2 ? 2 : 4));
  }
  return z;
}

SPIROGRAM_VECTOR_CLONES
double Repel2(const float* const* axes, int64_t begin, int64_t end, int64_t padded, float* forces) {
  return RepelRows<2>(axes, begin, end, padded, forces);
}

SPIROGRAM_VECTOR_CLONES
double Repel3(const float* const* axes, int64_t begin, int64_t end, int64_t padded, float* forces) {
  return RepelRows<3>(axes, begin, end, padded, forces);
}

}  // namespace

Result<double> DirectRepulsion(const PackedMap& map, std::span<float> forces, ThreadPool* pool,
                               const std::stop_token& stop) {
  CHECK(forces.size() == map.values.size());
  // Padding so far away that its q is 0, for both it and its square.
  constexpr float kFarAway = 1e18F;
  const int64_t padded = (map.points + kLanes - 1) / kLanes * kLanes;
  std::vector<float> values(static_cast<size_t>(padded * map.dims), kFarAway);
  const float* axes[3] = {};
  for (int k = 0; k < map.dims; ++k) {
    float* axis = values.data() + k * padded;
    for (int64_t i = 0; i < map.points; ++i) axis[i] = map.point(i)[k];
    axes[k] = axis;
  }
  std::vector<double> blocks(static_cast<size_t>((map.points + kBlockRows - 1) / kBlockRows));
  const auto repel = [&](int64_t begin, int64_t end) {
    blocks[static_cast<size_t>(begin / kBlockRows)] =
        map.dims == 2 ? Repel2(axes, begin, end, padded, forces.data())
                      : Repel3(axes, begin, end, padded, forces.data());
  };
  if (!pool->ForBlocks(map.points, kBlockRows, stop, repel)) {
    return Cancelled("t-SNE: stop requested");
  }
  double z = 0;
  for (const double block : blocks) z += block;
  return z;
}

}  // namespace spirogram::projector
