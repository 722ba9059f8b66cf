#include "projector/attraction.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/lanes.h"
#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

using EdgePack = Attraction::EdgePack;

constexpr int64_t kBlockRows = 512;
constexpr int64_t kWindowBits = 16;
constexpr int64_t kPackEdges = kLanes8;
constexpr int kCutRounds = 12;  // of a bisection between 0 and the largest affinity of a row

int64_t WindowsOf(int64_t points) {
  return ((points - 1) >> kWindowBits) + 1;
}

constexpr uint32_t kColumnMask = 0xFFFF;

uint32_t PackEdge(float weight, int64_t place) {
  const auto bits = std::bit_cast<uint32_t>(weight);
  const uint32_t rounded = bits + 0x7FFF + ((bits >> 16) & 1);  // to bfloat16, halves to even
  return (rounded & ~kColumnMask) | (static_cast<uint32_t>(place) & kColumnMask);
}

[[gnu::always_inline]] inline void Weights(const EdgePack& pack, Float8* weights) {
  UInt8 edges;
  LoadLanes(pack.edges, &edges);
  const UInt8 bits = edges & ~kColumnMask;
  LoadLanes(&bits, weights);
}

[[gnu::always_inline]] inline size_t Column(const EdgePack& pack, int lane) {
  return pack.edges[lane] & kColumnMask;
}

// The differences y_i - y_j to the eight columns of a pack, an axis at a time.
template <int kDims>
struct Differences;

template <>
struct Differences<2> {
  Float8 axes[2];

  [[gnu::always_inline]] inline void Load(const float* window, const float* y,
                                          const EdgePack& pack) {
    const auto at = [&](int lane) {
      // Not by memcpy: the compiler would go through an integer register.
      using Both [[gnu::may_alias, gnu::aligned(alignof(float))]] = double;
      return *reinterpret_cast<const Both*>(window + 2 * Column(pack, lane));
    };
    const Double4 low = {at(0), at(1), at(4), at(5)};
    const Double4 high = {at(2), at(3), at(6), at(7)};
    Float8 a;
    Float8 b;
    LoadLanes(&low, &a);
    LoadLanes(&high, &b);
    axes[0] = y[0] - __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14);
    axes[1] = y[1] - __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
  }
};

template <>
struct Differences<3> {
  Float8 axes[3];

  [[gnu::always_inline]] inline void Load(const float* window, const float* y,
                                          const EdgePack& pack) {
    Float4 at[8];
    for (int lane = 0; lane < 8; ++lane) {
      LoadLanes(window + 4 * Column(pack, lane), &at[lane]);
    }
    for (int k = 0; k < 3; ++k) {
      axes[k] = y[k] - Float8{at[0][k], at[1][k], at[2][k], at[3][k],
                              at[4][k], at[5][k], at[6][k], at[7][k]};
    }
  }
};

template <int kDims>
[[gnu::always_inline]] inline Float8 OnePlusSquare(const Differences<kDims>& difference) {
  Float8 square = difference.axes[0] * difference.axes[0] + 1.0F;
  for (int k = 1; k < kDims; ++k) square += difference.axes[k] * difference.axes[k];
  return square;
}

// ln(v) for v >= 1, to about 1e-7: v = 2^e m with m in [sqrt(1/2), sqrt(2)), and
// ln m = 2 atanh((m - 1) / (m + 1)).
[[gnu::always_inline]] inline Float8 LogOf(const Float8& v) {
  constexpr int32_t kSqrtHalf = 0x3F3504F3;
  constexpr float kLn2 = 0.693147181F;
  Int8 bits;
  LoadLanes(&v, &bits);
  const Int8 exponent = (bits - kSqrtHalf) >> 23;
  const Int8 mantissa = bits - (exponent << 23);
  Float8 m;
  LoadLanes(&mantissa, &m);
  const Float8 s = (m - 1.0F) / (m + 1.0F);
  const Float8 s2 = s * s;
  const Float8 tail = s2 * (1.0F / 3 + s2 * (1.0F / 5 + s2 * (1.0F / 7 + s2 * (1.0F / 9))));
  return __builtin_convertvector(exponent, Float8) * kLn2 + 2.0F * (s + s * tail);
}

// The value from which on the largest ones of a row sum to `wanted` at least, or a little less.
SPIROGRAM_VECTOR_CLONES
float CutOf(const float* values, int64_t size, float largest, float wanted) {
  float low = 0;
  float high = largest;
  for (int round = 0; round < kCutRounds; ++round) {
    const float middle = (low + high) / 2;
    float lanes[kPackEdges] = {};
    int64_t at = 0;
    for (; at + kPackEdges <= size; at += kPackEdges) {
      for (int64_t lane = 0; lane < kPackEdges; ++lane) {
        const float value = values[at + lane];
        lanes[lane] += value >= middle ? value : 0.0F;
      }
    }
    for (; at < size; ++at) lanes[0] += values[at] >= middle ? values[at] : 0.0F;
    Float8 sums;
    LoadLanes(lanes, &sums);
    (SumOfLanes(sums) >= wanted ? low : high) = middle;
  }
  return low;
}

struct Rows {
  const int64_t* pack_starts;
  const EdgePack* packs;
  const float* positions;
  int64_t begin;
  int64_t end;
};

template <int kDims>
[[gnu::always_inline]] inline void ForcesOfRows(const Rows& rows, const float* onto,
                                                float* forces) {
  constexpr int kStride = kDims == 2 ? 2 : 4;
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    const float* y = rows.positions + i * kStride;
    Float8 sums[kDims] = {};
    for (int64_t at = rows.pack_starts[i]; at < rows.pack_starts[i + 1]; ++at) {
      const EdgePack& pack = rows.packs[at];
      const float* window = rows.positions + (int64_t{pack.window} << kWindowBits) * kStride;
      Float8 weights;
      Weights(pack, &weights);
      Differences<kDims> difference;
      difference.Load(window, y, pack);
      const Float8 pull = weights / OnePlusSquare<kDims>(difference);
      for (int k = 0; k < kDims; ++k) sums[k] += pull * difference.axes[k];
    }
    for (int k = 0; k < kDims; ++k) {
      const int64_t at = i * kStride + k;
      forces[at] = SumOfLanes(sums[k]) + (onto == nullptr ? 0.0F : onto[at]);
    }
  }
}

template <int kDims>
[[gnu::always_inline]] inline double WeightedLogOfRows(const Rows& rows) {
  constexpr int kStride = kDims == 2 ? 2 : 4;
  double total = 0;
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    const float* y = rows.positions + i * kStride;
    Float8 sum = {};
    for (int64_t at = rows.pack_starts[i]; at < rows.pack_starts[i + 1]; ++at) {
      const EdgePack& pack = rows.packs[at];
      const float* window = rows.positions + (int64_t{pack.window} << kWindowBits) * kStride;
      Float8 weights;
      Weights(pack, &weights);
      Differences<kDims> difference;
      difference.Load(window, y, pack);
      sum += weights * LogOf(OnePlusSquare<kDims>(difference));
    }
    total += SumOfLanes(sum);
  }
  return total;
}

SPIROGRAM_VECTOR_CLONES
void Forces2(const Rows& rows, const float* onto, float* forces) {
  ForcesOfRows<2>(rows, onto, forces);
}

SPIROGRAM_VECTOR_CLONES
void Forces3(const Rows& rows, const float* onto, float* forces) {
  ForcesOfRows<3>(rows, onto, forces);
}

SPIROGRAM_VECTOR_CLONES
double WeightedLog2(const Rows& rows) {
  return WeightedLogOfRows<2>(rows);
}

SPIROGRAM_VECTOR_CLONES
double WeightedLog3(const Rows& rows) {
  return WeightedLogOfRows<3>(rows);
}

}  // namespace

double Attraction::SumPLogP() const {
  double total = 0;
  for (const float p : affinities_.values) {
    if (p > 0) total += p * std::log(double{p});
  }
  return total;
}

std::span<const int32_t> Attraction::Columns(Part part, int64_t point) const {
  const auto strong = static_cast<size_t>(strong_edges_[static_cast<size_t>(point)]);
  const std::span<const int32_t> all = affinities_.RowColumns(point);
  return part == kStrong ? all.first(strong) : all.subspan(strong);
}

std::span<const float> Attraction::Values(Part part, int64_t point) const {
  const auto strong = static_cast<size_t>(strong_edges_[static_cast<size_t>(point)]);
  const std::span<const float> all = affinities_.RowValues(point);
  return part == kStrong ? all.first(strong) : all.subspan(strong);
}

// Brings the strong edges of each row before its weak ones.
bool Attraction::Divide(ThreadPool* pool, const std::stop_token& stop) {
  std::vector<int32_t> strong_edges(static_cast<size_t>(points()));
  const auto divide = [&](int64_t begin, int64_t end) {
    std::vector<WeightedColumn> weak;
    for (int64_t row = begin; row < end; ++row) {
      const auto first = static_cast<size_t>(affinities_.row_starts[static_cast<size_t>(row)]);
      const std::span<const float> values = affinities_.RowValues(row);
      const auto size = static_cast<int64_t>(values.size());
      const float largest = size == 0 ? 0 : *std::max_element(values.begin(), values.end());
      const double sum = std::accumulate(values.begin(), values.end(), 0.0);
      const auto wanted = static_cast<float>(strong_share_ * sum);
      const float cut = strong_share_ < 1 ? CutOf(values.data(), size, largest, wanted) : 0;
      weak.clear();
      size_t strong = first;
      for (size_t at = first; at < first + values.size(); ++at) {
        const WeightedColumn edge{affinities_.columns[at], affinities_.values[at]};
        if (edge.value < cut) {
          weak.push_back(edge);
          continue;
        }
        affinities_.columns[strong] = edge.column;
        affinities_.values[strong++] = edge.value;
      }
      strong_edges[static_cast<size_t>(row)] = static_cast<int32_t>(strong - first);
      for (const WeightedColumn& edge : weak) {
        affinities_.columns[strong] = edge.column;
        affinities_.values[strong++] = edge.value;
      }
    }
  };
  // Stopped half way, a row is still one of the same edges.
  if (!pool->ForBlocks(points(), kBlockRows, stop, divide)) return false;
  strong_edges_ = std::move(strong_edges);
  return true;
}

bool Attraction::Arrange(std::span<const int32_t> order, ThreadPool* pool,
                         const std::stop_token& stop) {
  if (strong_edges_.empty() && !Divide(pool, stop)) return false;
  std::vector<int32_t> places(order.size());
  for (size_t r = 0; r < order.size(); ++r) {
    places[static_cast<size_t>(order[r])] = static_cast<int32_t>(r);
  }
  return ArrangePart(kStrong, order, places, pool, stop) &&
         ArrangePart(kWeak, order, places, pool, stop);
}

bool Attraction::ArrangePart(Part part, std::span<const int32_t> order,
                             std::span<const int32_t> places, ThreadPool* pool,
                             const std::stop_token& stop) {
  std::vector<int64_t>& starts = parts_[part].starts;
  std::vector<EdgePack>& packs = parts_[part].packs;
  const int64_t windows = WindowsOf(points());
  starts.assign(static_cast<size_t>(points() + 1), 0);
  const auto count = [&](int64_t begin, int64_t end) {
    std::vector<int64_t> edges(static_cast<size_t>(windows));
    for (int64_t row = begin; row < end; ++row) {
      std::fill(edges.begin(), edges.end(), 0);
      for (const int32_t column : Columns(part, order[static_cast<size_t>(row)])) {
        ++edges[static_cast<size_t>(places[static_cast<size_t>(column)] >> kWindowBits)];
      }
      int64_t of_row = 0;
      for (const int64_t of_window : edges) of_row += (of_window + kPackEdges - 1) / kPackEdges;
      starts[static_cast<size_t>(row + 1)] = of_row;
    }
  };
  if (!pool->ForBlocks(points(), kBlockRows, stop, count)) return false;
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  packs.resize(static_cast<size_t>(starts.back()));
  return pool->ForBlocks(points(), kBlockRows, stop, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      PackRow(part, order[static_cast<size_t>(row)], places,
              packs.data() + starts[static_cast<size_t>(row)]);
    }
  });
}

void Attraction::PackRow(Part part, int64_t point, std::span<const int32_t> places,
                         EdgePack* pack) const {
  const std::span<const int32_t> columns = Columns(part, point);
  const std::span<const float> values = Values(part, point);
  const int64_t windows = WindowsOf(points());
  for (int64_t window = 0; window < windows; ++window) {
    int64_t filled = 0;
    for (size_t at = 0; at < columns.size(); ++at) {
      const int64_t place = places[static_cast<size_t>(columns[at])];
      if (place >> kWindowBits != window) continue;
      const int64_t lane = filled % kPackEdges;
      if (lane == 0) pack[filled / kPackEdges] = {static_cast<uint32_t>(window), {}};
      EdgePack& target = pack[filled / kPackEdges];
      target.edges[lane] = PackEdge(values[at], place);
      ++filled;
    }
    pack += (filled + kPackEdges - 1) / kPackEdges;
  }
}

bool Attraction::WeakForces(const PackedMap& map, std::span<float> forces, ThreadPool* pool,
                            const std::stop_token& stop) const {
  return PartForces(kWeak, map, {}, forces, pool, stop);
}

bool Attraction::Forces(const PackedMap& map, std::span<const float> weak, std::span<float> forces,
                        ThreadPool* pool, const std::stop_token& stop) const {
  return PartForces(kStrong, map, weak, forces, pool, stop);
}

bool Attraction::PartForces(Part part, const PackedMap& map, std::span<const float> onto,
                            std::span<float> forces, ThreadPool* pool,
                            const std::stop_token& stop) const {
  const std::vector<int64_t>& starts = parts_[part].starts;
  const std::vector<EdgePack>& packs = parts_[part].packs;
  CHECK(map.points == points() && forces.size() == map.values.size());
  CHECK(onto.empty() || onto.size() == forces.size());
  CHECK(static_cast<int64_t>(starts.size()) == points() + 1);
  const float* base = onto.empty() ? nullptr : onto.data();
  return pool->ForBlocks(points(), kBlockRows, stop, [&](int64_t begin, int64_t end) {
    const Rows rows{starts.data(), packs.data(), map.values.data(), begin, end};
    map.dims == 2 ? Forces2(rows, base, forces.data()) : Forces3(rows, base, forces.data());
  });
}

std::optional<double> Attraction::WeightedLog(const PackedMap& map, ThreadPool* pool,
                                              const std::stop_token& stop) const {
  CHECK(map.points == points());
  std::vector<double> blocks(static_cast<size_t>((points() + kBlockRows - 1) / kBlockRows));
  const bool is_done = pool->ForBlocks(points(), kBlockRows, stop, [&](int64_t begin, int64_t end) {
    double& of_block = blocks[static_cast<size_t>(begin / kBlockRows)];
    for (const auto& [starts, packs] : parts_) {
      const Rows rows{starts.data(), packs.data(), map.values.data(), begin, end};
      of_block += map.dims == 2 ? WeightedLog2(rows) : WeightedLog3(rows);
    }
  });
  if (!is_done) return std::nullopt;
  double total = 0;
  for (const double block : blocks) total += block;
  return total;
}

}  // namespace spirogram::projector
