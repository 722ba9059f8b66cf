#include "projector/gradient.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kLanes = 16;  // float32 in the widest vector registers
constexpr int64_t kRun = 1024;  // pairs per lane set before float32 sums go to float64

// The sums of one row: z, then d of attraction, then d of repulsion.
template <int kDims>
using RowSums = std::array<double, 1 + 2 * kDims>;

template <int kDims>
struct Row {
  std::array<const float*, kDims> axes;
  std::array<float, kDims> y;  // of point i
  const float* p;              // row i of P
};

template <int kDims>
[[gnu::always_inline]] inline void AddPairs(const Row<kDims>& row, int64_t begin, int64_t end,
                                            RowSums<kDims>* sums) {
  for (int64_t j = begin; j < end; ++j) {
    float difference[kDims];
    float square = 1;
    for (int k = 0; k < kDims; ++k) {
      difference[k] = row.y[k] - row.axes[k][j];
      square += difference[k] * difference[k];
    }
    const float q = 1 / square;
    (*sums)[0] += q;
    for (int k = 0; k < kDims; ++k) {
      (*sums)[1 + k] += row.p[j] * q * difference[k];
      (*sums)[1 + kDims + k] += q * q * difference[k];
    }
  }
}

// As AddPairs for kLanes pairs at a time. REQUIRES: end - begin is a multiple of kLanes.
template <int kDims>
[[gnu::always_inline]] inline void AddLanes(const Row<kDims>& row, int64_t begin, int64_t end,
                                            RowSums<kDims>* sums) {
  float lanes[1 + 2 * kDims][kLanes] = {};
  for (int64_t j = begin; j < end; j += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      float difference[kDims];
      float square = 1;
      for (int k = 0; k < kDims; ++k) {
        difference[k] = row.y[k] - row.axes[k][j + lane];
        square += difference[k] * difference[k];
      }
      const float q = 1 / square;
      const float pq = row.p[j + lane] * q;
      lanes[0][lane] += q;
      for (int k = 0; k < kDims; ++k) {
        lanes[1 + k][lane] += pq * difference[k];
        lanes[1 + kDims + k][lane] += q * q * difference[k];
      }
    }
  }
  for (int s = 0; s < 1 + 2 * kDims; ++s) {
    double sum = 0;
    for (int64_t lane = 0; lane < kLanes; ++lane) sum += lanes[s][lane];
    (*sums)[s] += sum;
  }
}

template <int kDims>
[[gnu::always_inline]] inline void AddRange(const Row<kDims>& row, int64_t begin, int64_t end,
                                            RowSums<kDims>* sums) {
  while (end - begin >= kLanes) {
    const int64_t size = std::min(kRun, (end - begin) / kLanes * kLanes);
    AddLanes<kDims>(row, begin, begin + size, sums);
    begin += size;
  }
  AddPairs<kDims>(row, begin, end, sums);
}

template <int kDims>
[[gnu::always_inline]] inline void AccumulateRows(const float* affinities, const MapPoints& map,
                                                  int64_t begin, int64_t end, Forces* forces) {
  const int64_t points = map.points;
  for (int64_t i = begin; i < end; ++i) {
    Row<kDims> row;
    for (int k = 0; k < kDims; ++k) {
      row.axes[k] = map.values.data() + k * points;
      row.y[k] = row.axes[k][i];
    }
    row.p = affinities + i * points;
    RowSums<kDims> sums{};
    // The pair (i, i) is left out: adding its q = 1 and taking it off again would cost the digits
    // of a far outlier. Its block of lanes is summed pair by pair, so the others stay aligned.
    const int64_t block = i / kLanes * kLanes;
    const int64_t block_end = std::min(block + kLanes, points);
    AddRange<kDims>(row, 0, block, &sums);
    AddPairs<kDims>(row, block, i, &sums);
    AddPairs<kDims>(row, i + 1, block_end, &sums);
    AddRange<kDims>(row, block_end, points, &sums);
    forces->z[static_cast<size_t>(i)] = sums[0];
    for (int k = 0; k < kDims; ++k) {
      const auto at = static_cast<size_t>(k * points + i);
      forces->attraction.values[at] = static_cast<float>(sums[1 + k]);
      forces->repulsion.values[at] = static_cast<float>(sums[1 + kDims + k]);
    }
  }
}

SPIROGRAM_VECTOR_CLONES
void AccumulateRows2(const float* affinities, const MapPoints& map, int64_t begin, int64_t end,
                     Forces* forces) {
  AccumulateRows<2>(affinities, map, begin, end, forces);
}

SPIROGRAM_VECTOR_CLONES
void AccumulateRows3(const float* affinities, const MapPoints& map, int64_t begin, int64_t end,
                     Forces* forces) {
  AccumulateRows<3>(affinities, map, begin, end, forces);
}

}  // namespace

Forces::Forces(int64_t points, int dims)
    : attraction(points, dims), repulsion(points, dims), z(static_cast<size_t>(points), 0.0) {}

double Forces::TotalZ() const {
  double total = 0;
  for (const double row : z) total += row;
  return total;
}

void AccumulateForces(std::span<const float> affinities, const MapPoints& map, int64_t begin,
                      int64_t end, Forces* forces) {
  CHECK(static_cast<int64_t>(affinities.size()) == map.points * map.points);
  CHECK(map.dims == 2 || map.dims == 3);
  const auto accumulate = map.dims == 2 ? AccumulateRows2 : AccumulateRows3;
  accumulate(affinities.data(), map, begin, end, forces);
}

}  // namespace spirogram::projector
