#include "projector/umap_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/lanes.h"
#include "base/vector_clones.h"
#include "projector/float_math.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 64;
constexpr float kMoveMax = 4.0F;
constexpr float kNearest = 1e-3F;     // added to a squared distance, or near points would explode
constexpr float kSquareMin = 1e-30F;  // below it two points lie in one place and have no direction

// SplitMix64 of a counter: each point's draws in each epoch are its own, whoever computes them.
class Draws {
 public:
  Draws(uint64_t seed, uint64_t epoch, uint64_t point)
      : state_(Mix(Mix(seed + kStep * (epoch + 1)) + kStep * (point + 1))) {}

  // In [0, points), each about equally likely.
  int64_t Point(uint64_t points) {
    state_ += kStep;
    return static_cast<int64_t>(((Mix(state_) >> 32) * points) >> 32);
  }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15;
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

struct Epoch {
  const SymmetricEdges* edges;
  const float* map;  // N x d
  float* next;       // N x d
  float a, b;
  uint64_t seed;
  int number;
  int negative_samples;
  float rate;
};

template <typename Float>
[[gnu::always_inline]] inline Float Clipped(const Float& move) {
  const Float low = move < -kMoveMax ? Float{} - kMoveMax : move;
  return low > kMoveMax ? Float{} + kMoveMax : low;
}

// The step of y along the edge towards `other`: the gradient of ln(1 / (1 + a d^2b)).
template <int kDims>
[[gnu::always_inline]] inline void AttractStep(const Epoch& epoch, const float* other,
                                               const float* y, float* step) {
  float difference[kDims];
  float square = 0;
  for (int k = 0; k < kDims; ++k) {
    difference[k] = y[k] - other[k];
    square += difference[k] * difference[k];
  }
  const float safe = square > kSquareMin ? square : kSquareMin;
  const float power = Power(safe, epoch.b);
  const float pull = -2.0F * epoch.a * epoch.b * (power / safe) / (1.0F + epoch.a * power);
  for (int k = 0; k < kDims; ++k) step[k] = epoch.rate * Clipped(pull * difference[k]);
}

template <int kDims>
[[gnu::always_inline]] inline void Attract(const Epoch& epoch, const float* other, float* y) {
  float step[kDims];
  AttractStep<kDims>(epoch, other, y, step);
  for (int k = 0; k < kDims; ++k) y[k] += step[k];
}

// y away from eight points at once; those that are not there lie at y.
template <int kDims>
[[gnu::always_inline]] inline void Repel(const Epoch& epoch, const Float8* others, float* y) {
  Float8 difference[kDims];
  Float8 square = {};
  for (int k = 0; k < kDims; ++k) {
    difference[k] = y[k] - others[k];
    square += difference[k] * difference[k];
  }
  const Float8 least = square > kSquareMin ? square : Float8{} + kSquareMin;
  const Float8 power = Power(least, epoch.b);
  const Float8 push = 2.0F * epoch.b / ((square + kNearest) * (power * epoch.a + 1.0F));
  for (int k = 0; k < kDims; ++k) y[k] += epoch.rate * SumOfLanes(Clipped(push * difference[k]));
}

// y away from `count` points of `map`, drawn at random.
template <int kDims>
[[gnu::always_inline]] inline void RepelFromDrawn(const Epoch& epoch, const float* map, int count,
                                                  Draws* draws, float* y) {
  const auto points = static_cast<uint64_t>(epoch.edges->points);
  for (int left = count; left > 0; left -= kLanes8) {
    Float8 others[kDims];
    for (int k = 0; k < kDims; ++k) others[k] = Float8{} + y[k];
    const int lanes = left < kLanes8 ? left : kLanes8;
    for (int lane = 0; lane < lanes; ++lane) {
      const float* other = map + draws->Point(points) * kDims;
      for (int k = 0; k < kDims; ++k) others[k][lane] = other[k];
    }
    Repel<kDims>(epoch, others, y);
  }
}

// Does an edge of share p of the largest attract in this epoch?
[[gnu::always_inline]] inline bool IsDue(float p, int epoch) {
  const auto number = static_cast<float>(epoch);
  return static_cast<int32_t>((number + 1) * p) != static_cast<int32_t>(number * p);
}

template <int kDims>
[[gnu::always_inline]] inline void MovePoint(const Epoch& epoch, int64_t point) {
  const SymmetricEdges& edges = *epoch.edges;
  const float* map = epoch.map;
  float y[kDims];
  for (int k = 0; k < kDims; ++k) y[k] = map[point * kDims + k];
  const std::span<const int32_t> columns = edges.RowColumns(point);
  const std::span<const float> shares = edges.RowValues(point);
  Draws draws(epoch.seed, static_cast<uint64_t>(epoch.number), static_cast<uint64_t>(point));
  const auto first = static_cast<size_t>(draws.Point(columns.size()));
  int due = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    const size_t at = i + first < columns.size() ? i + first : i + first - columns.size();
    if (!IsDue(shares[at], epoch.number)) continue;
    ++due;
    // Once for each direction of the edge.
    const float* other = map + int64_t{columns[at]} * kDims;
    Attract<kDims>(epoch, other, y);
    Attract<kDims>(epoch, other, y);
  }
  RepelFromDrawn<kDims>(epoch, map, due * epoch.negative_samples, &draws, y);
  for (int k = 0; k < kDims; ++k) epoch.next[point * kDims + k] = y[k];
}

// Both ends of each edge of the point, in place.
template <int kDims>
[[gnu::always_inline]] inline void MoveEdges(const Epoch& epoch, int64_t point) {
  const SymmetricEdges& edges = *epoch.edges;
  float* y = epoch.next + point * kDims;
  const std::span<const int32_t> columns = edges.RowColumns(point);
  const std::span<const float> shares = edges.RowValues(point);
  Draws draws(epoch.seed, static_cast<uint64_t>(epoch.number), static_cast<uint64_t>(point));
  for (size_t at = 0; at < columns.size(); ++at) {
    if (!IsDue(shares[at], epoch.number)) continue;
    float* other = epoch.next + int64_t{columns[at]} * kDims;
    float step[kDims];
    AttractStep<kDims>(epoch, other, y, step);
    for (int k = 0; k < kDims; ++k) {
      y[k] += step[k];
      other[k] -= step[k];
    }
    RepelFromDrawn<kDims>(epoch, epoch.next, epoch.negative_samples, &draws, y);
  }
}

SPIROGRAM_VECTOR_CLONES
void MoveEdges2(const Epoch& epoch, int64_t begin, int64_t end) {
  for (int64_t point = begin; point < end; ++point) MoveEdges<2>(epoch, point);
}

SPIROGRAM_VECTOR_CLONES
void MoveEdges3(const Epoch& epoch, int64_t begin, int64_t end) {
  for (int64_t point = begin; point < end; ++point) MoveEdges<3>(epoch, point);
}

SPIROGRAM_VECTOR_CLONES
void MovePoints2(const Epoch& epoch, int64_t begin, int64_t end) {
  for (int64_t point = begin; point < end; ++point) MovePoint<2>(epoch, point);
}

SPIROGRAM_VECTOR_CLONES
void MovePoints3(const Epoch& epoch, int64_t begin, int64_t end) {
  for (int64_t point = begin; point < end; ++point) MovePoint<3>(epoch, point);
}

bool MoveAtOnce(const Epoch& epoch, int dims, ThreadPool* pool, const std::stop_token& stop) {
  const auto move = dims == 2 ? MovePoints2 : MovePoints3;
  return pool->ForBlocks(epoch.edges->points, kBlockRows, stop,
                         [&](int64_t begin, int64_t end) { move(epoch, begin, end); });
}

bool MoveInTurn(const Epoch& epoch, int dims, const std::stop_token& stop) {
  const int64_t points = epoch.edges->points;
  std::copy_n(epoch.map, points * dims, epoch.next);
  const auto move = dims == 2 ? MoveEdges2 : MoveEdges3;
  for (int64_t begin = 0; begin < points; begin += kBlockRows) {
    if (stop.stop_requested()) return false;
    move(epoch, begin, std::min(begin + kBlockRows, points));
  }
  return true;
}

}  // namespace

UmapLayout::UmapLayout(SymmetricEdges edges, std::vector<float> start,
                       const UmapLayoutOptions& options)
    : edges_(std::move(edges)), options_(options), map_(std::move(start)), next_(map_.size()) {
  CHECK(std::ssize(map_) == edges_.points * options_.dims);
  float largest = 0;
  for (const float value : edges_.values) largest = std::max(largest, value);
  CHECK(largest > 0);
  for (float& value : edges_.values) value /= largest;
}

bool UmapLayout::Step(int epoch, double learning_rate, ThreadPool* pool,
                      const std::stop_token& stop) {
  Epoch now{};
  now.edges = &edges_;
  now.map = map_.data();
  now.next = next_.data();
  now.a = static_cast<float>(options_.curve.a);
  now.b = static_cast<float>(options_.curve.b);
  now.seed = options_.seed;
  now.number = epoch;
  now.negative_samples = options_.negative_samples;
  now.rate = static_cast<float>(learning_rate);
  const bool is_done = options_.order == UmapOrder::kPointsAtOnce
                           ? MoveAtOnce(now, options_.dims, pool, stop)
                           : MoveInTurn(now, options_.dims, stop);
  if (is_done) std::swap(map_, next_);
  return is_done;
}

}  // namespace spirogram::projector
