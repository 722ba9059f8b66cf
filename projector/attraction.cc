#include "projector/attraction.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "projector/lanes.h"
#include "projector/vector_clones.h"

namespace spirogram::projector {
namespace {

using EdgePack = Attraction::EdgePack;

constexpr int64_t kBlockRows = 512;
constexpr int64_t kWindowBits = 16;
constexpr int64_t kPackEdges = kLanes8;

int64_t WindowsOf(int64_t points) {
  return ((points - 1) >> kWindowBits) + 1;
}

uint16_t RoundToBfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

[[gnu::always_inline]] inline void Weights(const EdgePack& pack, Float8* weights) {
  UShort8 halves;
  LoadLanes(pack.weights, &halves);
  const UInt8 bits = __builtin_convertvector(halves, UInt8) << 16;
  LoadLanes(&bits, weights);
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
      double both;
      std::memcpy(&both, window + 2 * size_t{pack.columns[lane]}, sizeof(both));
      return both;
    };
    const Double4 low = {at(0), at(1), at(4), at(5)};
    const Double4 high = {at(2), at(3), at(6), at(7)};
    Float8 a;
    Float8 b;
    LoadLanes(&low, &a);
    LoadLanes(&high, &b);
    axes[0] = y[0] - __builtin_shuffle(a, b, Int8{0, 2, 8, 10, 4, 6, 12, 14});
    axes[1] = y[1] - __builtin_shuffle(a, b, Int8{1, 3, 9, 11, 5, 7, 13, 15});
  }
};

template <>
struct Differences<3> {
  Float8 axes[3];

  [[gnu::always_inline]] inline void Load(const float* window, const float* y,
                                          const EdgePack& pack) {
    Float4 at[8];
    for (int lane = 0; lane < 8; ++lane) {
      LoadLanes(window + 4 * size_t{pack.columns[lane]}, &at[lane]);
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

struct Rows {
  const int64_t* pack_starts;
  const EdgePack* packs;
  const float* positions;
  int64_t begin;
  int64_t end;
};

template <int kDims>
[[gnu::always_inline]] inline void ForcesOfRows(const Rows& rows, float* forces) {
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
    for (int k = 0; k < kDims; ++k) forces[i * kStride + k] = SumOfLanes(sums[k]);
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
void Forces2(const Rows& rows, float* forces) {
  ForcesOfRows<2>(rows, forces);
}

SPIROGRAM_VECTOR_CLONES
void Forces3(const Rows& rows, float* forces) {
  ForcesOfRows<3>(rows, forces);
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

bool Attraction::Arrange(std::span<const int32_t> order, ThreadPool* pool,
                         const std::stop_token& stop) {
  const int64_t points = affinities_.points;
  const int64_t windows = WindowsOf(points);
  std::vector<int32_t> places(order.size());
  for (size_t r = 0; r < order.size(); ++r) {
    places[static_cast<size_t>(order[r])] = static_cast<int32_t>(r);
  }
  pack_starts_.assign(static_cast<size_t>(points + 1), 0);
  const auto count = [&](int64_t begin, int64_t end) {
    std::vector<int64_t> edges(static_cast<size_t>(windows));
    for (int64_t row = begin; row < end; ++row) {
      std::fill(edges.begin(), edges.end(), 0);
      for (const int32_t column : affinities_.RowColumns(order[static_cast<size_t>(row)])) {
        ++edges[static_cast<size_t>(places[static_cast<size_t>(column)] >> kWindowBits)];
      }
      int64_t packs = 0;
      for (const int64_t of_window : edges) packs += (of_window + kPackEdges - 1) / kPackEdges;
      pack_starts_[static_cast<size_t>(row + 1)] = packs;
    }
  };
  if (!pool->ForBlocks(points, kBlockRows, stop, count)) return false;
  for (size_t row = 0; row < static_cast<size_t>(points); ++row) {
    pack_starts_[row + 1] += pack_starts_[row];
  }
  packs_.resize(static_cast<size_t>(pack_starts_.back()));
  return pool->ForBlocks(points, kBlockRows, stop, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) PackRow(row, order, places);
  });
}

void Attraction::PackRow(int64_t row, std::span<const int32_t> order,
                         std::span<const int32_t> places) {
  const int64_t point = order[static_cast<size_t>(row)];
  const std::span<const int32_t> columns = affinities_.RowColumns(point);
  const std::span<const float> values = affinities_.RowValues(point);
  const int64_t windows = WindowsOf(affinities_.points);
  EdgePack* pack = packs_.data() + pack_starts_[static_cast<size_t>(row)];
  for (int64_t window = 0; window < windows; ++window) {
    int64_t filled = 0;
    for (size_t at = 0; at < columns.size(); ++at) {
      const int64_t place = places[static_cast<size_t>(columns[at])];
      if (place >> kWindowBits != window) continue;
      const int64_t lane = filled % kPackEdges;
      if (lane == 0) pack[filled / kPackEdges] = {static_cast<uint32_t>(window), {}, {}};
      EdgePack& target = pack[filled / kPackEdges];
      target.columns[lane] = static_cast<uint16_t>(place & 0xFFFF);
      target.weights[lane] = RoundToBfloat16(values[at]);
      ++filled;
    }
    pack += (filled + kPackEdges - 1) / kPackEdges;
  }
}

bool Attraction::Forces(const PackedMap& map, std::span<float> forces, ThreadPool* pool,
                        const std::stop_token& stop) const {
  CHECK(map.points == points() && forces.size() == map.values.size());
  CHECK(static_cast<int64_t>(pack_starts_.size()) == points() + 1);
  return pool->ForBlocks(points(), kBlockRows, stop, [&](int64_t begin, int64_t end) {
    const Rows rows{pack_starts_.data(), packs_.data(), map.values.data(), begin, end};
    map.dims == 2 ? Forces2(rows, forces.data()) : Forces3(rows, forces.data());
  });
}

std::optional<double> Attraction::WeightedLog(const PackedMap& map, ThreadPool* pool,
                                              const std::stop_token& stop) const {
  CHECK(map.points == points());
  std::vector<double> blocks(static_cast<size_t>((points() + kBlockRows - 1) / kBlockRows));
  const bool is_done = pool->ForBlocks(points(), kBlockRows, stop, [&](int64_t begin, int64_t end) {
    const Rows rows{pack_starts_.data(), packs_.data(), map.values.data(), begin, end};
    blocks[static_cast<size_t>(begin / kBlockRows)] =
        map.dims == 2 ? WeightedLog2(rows) : WeightedLog3(rows);
  });
  if (!is_done) return std::nullopt;
  double total = 0;
  for (const double block : blocks) total += block;
  return total;
}

}  // namespace spirogram::projector
