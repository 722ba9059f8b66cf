#include "projector/particle_mesh.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/lanes.h"
#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kMargin = 2;           // nodes below the lowest point
constexpr int64_t kReach = 4;            // nodes of a cubic spline along an axis
constexpr int64_t kPartPoints = 16'384;  // that one thread sorts
constexpr int64_t kGatherPoints = 2048;

// Rows (planes in 3-D) of the grid that one thread spreads on: at least kReach, so that of every
// two stripes the even ones never write to the same node.
constexpr int64_t StripeRows(int dims) {
  return dims == 2 ? 16 : 4;
}

// The weights of the cubic B-spline at the four nodes around a point that is `t` in [0, 1) beyond
// the second of them, and their derivatives.
[[gnu::always_inline]] inline Float4 Spline(float t) {
  const float s = 1 - t;
  const float t2 = t * t;
  const float s2 = s * s;
  constexpr float kSixth = 1.0F / 6;
  return Float4{s2 * s, 4 + 3 * t2 * (t - 2), 4 + 3 * s2 * (s - 2), t2 * t} * kSixth;
}

[[gnu::always_inline]] inline Float4 SplineSlope(float t) {
  const float s = 1 - t;
  return Float4{-s * s, t * (3 * t - 4), s * (4 - 3 * s), t * t} * 0.5F;
}

// How much of a point's own charge lies 0 to 3 nodes away, on either side, from where it reads.
// Then the same where it reads by the slope of the spline.
[[gnu::always_inline]] inline Float4 OwnCharge(const Float4& w) {
  return Float4{w[0] * w[0] + w[1] * w[1] + w[2] * w[2] + w[3] * w[3],
                2 * (w[0] * w[1] + w[1] * w[2] + w[2] * w[3]), 2 * (w[0] * w[2] + w[1] * w[3]),
                2 * (w[0] * w[3])};
}

[[gnu::always_inline]] inline Float4 OwnSlope(const Float4& w, const Float4& s) {
  return Float4{w[0] * s[0] + w[1] * s[1] + w[2] * s[2] + w[3] * s[3],
                s[0] * w[1] + s[1] * (w[0] + w[2]) + s[2] * (w[1] + w[3]) + s[3] * w[2],
                s[0] * w[2] + s[1] * w[3] + s[2] * w[0] + s[3] * w[1], s[0] * w[3] + s[3] * w[0]};
}

// Where a point lies on the grid.
template <int kDims>
struct Position {
  int64_t node[kDims];  // the first of four along each axis
  float t[kDims];

  [[gnu::always_inline]] inline Position(const float* y, const float* origin, float inverse) {
    for (int k = 0; k < kDims; ++k) {
      const float u = (y[k] - origin[k]) * inverse;
      const auto cell = static_cast<int32_t>(u);
      t[k] = u - static_cast<float>(cell);
      node[k] = cell - 1;
    }
  }
};

}  // namespace

struct ParticleMesh::Frame {
  std::array<float, 3> origin{};
  float inverse = 1;  // 1 / spacing
  int64_t size = 0;
  int64_t pitch = 0;
  float* grid = nullptr;
};

namespace {

struct View {
  const float* positions;
  const float* origin;
  float inverse;
  int64_t size;
  int64_t pitch;
  float* grid;
  const float* charge_potential;
};

// The potential and its slopes along the axes, in units of cells.
template <int kDims>
struct Reading {
  float potential;
  float slope[kDims];
};

template <int kDims>
[[gnu::always_inline]] inline void SpreadPoints(const View& view, const int32_t* first,
                                                const int32_t* last) {
  constexpr int kStride = kDims == 2 ? 2 : 4;
  for (const int32_t* at = first; at != last; ++at) {
    const Position<kDims> p(view.positions + int64_t{*at} * kStride, view.origin, view.inverse);
    const Float4 wx = Spline(p.t[0]);
    const Float4 wy = Spline(p.t[1]);
    const Float4 wz = kDims == 3 ? Spline(p.t[kDims - 1]) : Float4{1, 0, 0, 0};
    for (int64_t c = 0; c < (kDims == 3 ? kReach : 1); ++c) {
      const int64_t plane = kDims == 3 ? (p.node[kDims - 1] + c) * view.size : 0;
      float* corner = view.grid + (plane + p.node[1]) * view.pitch + p.node[0];
      for (int64_t b = 0; b < kReach; ++b) {
        Float4 nodes;
        LoadLanes(corner + b * view.pitch, &nodes);
        nodes += wx * (wy[b] * wz[c]);
        StoreLanes(nodes, corner + b * view.pitch);
      }
    }
  }
}

// Sums over a block of nodes, x innermost: `rows` apart in y, `planes` apart in z; `weights` and
// `slopes` are of each axis.
template <int kDims>
[[gnu::always_inline]] inline Reading<kDims> ReadNodes(const float* corner, int64_t rows,
                                                       int64_t planes, const Float4* weights,
                                                       const Float4* slopes) {
  Float4 value{};  // along x, before the weights of x
  Float4 slope_y{};
  Float4 slope_z{};
  for (int64_t c = 0; c < (kDims == 3 ? kReach : 1); ++c) {
    const float weight_z = kDims == 3 ? weights[kDims - 1][c] : 1.0F;
    for (int64_t b = 0; b < kReach; ++b) {
      Float4 nodes;
      LoadLanes(corner + c * planes + b * rows, &nodes);
      value += nodes * (weights[1][b] * weight_z);
      slope_y += nodes * (slopes[1][b] * weight_z);
      if constexpr (kDims == 3) slope_z += nodes * (weights[1][b] * slopes[kDims - 1][c]);
    }
  }
  Reading<kDims> reading;
  reading.potential = SumOfLanes(value * weights[0]);
  reading.slope[0] = SumOfLanes(value * slopes[0]);
  reading.slope[1] = SumOfLanes(slope_y * weights[0]);
  if constexpr (kDims == 3) reading.slope[kDims - 1] = SumOfLanes(slope_z * weights[0]);
  return reading;
}

// Forces of points [begin, end); returns the sum of the potentials of the others at each.
template <int kDims>
[[gnu::always_inline]] inline double GatherPoints(const View& view, int64_t begin, int64_t end,
                                                  float* forces) {
  constexpr int kStride = kDims == 2 ? 2 : 4;
  const float scale = -0.5F * view.inverse;
  double total = 0;
  for (int64_t i = begin; i < end; ++i) {
    const Position<kDims> p(view.positions + i * kStride, view.origin, view.inverse);
    Float4 weights[kDims];
    Float4 slopes[kDims];
    Float4 own_weights[kDims];
    Float4 own_slopes[kDims];
    for (int k = 0; k < kDims; ++k) {
      weights[k] = Spline(p.t[k]);
      slopes[k] = SplineSlope(p.t[k]);
      own_weights[k] = OwnCharge(weights[k]);
      own_slopes[k] = OwnSlope(weights[k], slopes[k]);
    }
    const int64_t plane = kDims == 3 ? p.node[kDims - 1] * view.size : 0;
    const float* corner = view.grid + (plane + p.node[1]) * view.pitch + p.node[0];
    const Reading<kDims> all =
        ReadNodes<kDims>(corner, view.pitch, view.size * view.pitch, weights, slopes);
    const Reading<kDims> own =
        ReadNodes<kDims>(view.charge_potential, kReach, kReach * kReach, own_weights, own_slopes);
    total += all.potential - own.potential;
    for (int k = 0; k < kDims; ++k) {
      forces[i * kStride + k] = scale * (all.slope[k] - own.slope[k]);
    }
  }
  return total;
}

SPIROGRAM_VECTOR_CLONES
void Spread2(const View& view, const int32_t* first, const int32_t* last) {
  SpreadPoints<2>(view, first, last);
}

SPIROGRAM_VECTOR_CLONES
void Spread3(const View& view, const int32_t* first, const int32_t* last) {
  SpreadPoints<3>(view, first, last);
}

SPIROGRAM_VECTOR_CLONES
double Gather2(const View& view, int64_t begin, int64_t end, float* forces) {
  return GatherPoints<2>(view, begin, end, forces);
}

SPIROGRAM_VECTOR_CLONES
double Gather3(const View& view, int64_t begin, int64_t end, float* forces) {
  return GatherPoints<3>(view, begin, end, forces);
}

}  // namespace

Result<double> ParticleMesh::Repulsion(const PackedMap& map, const MapBounds& bounds,
                                       std::span<float> forces, ThreadPool* pool,
                                       const std::stop_token& stop) {
  CHECK(map.dims == dims_ && forces.size() == map.values.size());
  const Error stopped = Cancelled("t-SNE: stop requested");
  plan_ = PlanMesh(bounds.Span(dims_), dims_, wanted_spacing_);
  if (!PrepareGrid(pool, stop)) return stopped;
  Frame frame;
  // The grid is anchored: its nodes are at multiples of the spacing, wherever the map's edge is.
  for (size_t k = 0; k < static_cast<size_t>(dims_); ++k) {
    const double first = std::floor(bounds.low[k] / plan_.spacing) - kMargin;
    frame.origin[k] = static_cast<float>(first * plan_.spacing);
  }
  frame.inverse = static_cast<float>(1 / plan_.spacing);
  frame.size = plan_.size;
  frame.pitch = convolution_->pitch();
  frame.grid = convolution_->grid();
  if (!SortIntoStripes(map, frame, pool, stop) || !convolution_->Clear(pool, stop) ||
      !Spread(map, frame, pool, stop) || !convolution_->Convolve(pool, stop)) {
    return stopped;
  }
  const View view{map.values.data(), frame.origin.data(), frame.inverse,           frame.size,
                  frame.pitch,       frame.grid,          charge_potential_.data()};
  std::vector<double> totals(static_cast<size_t>((map.points + kGatherPoints - 1) / kGatherPoints));
  const auto gather = [&](int64_t begin, int64_t end) {
    totals[static_cast<size_t>(begin / kGatherPoints)] =
        dims_ == 2 ? Gather2(view, begin, end, forces.data())
                   : Gather3(view, begin, end, forces.data());
  };
  if (!pool->ForBlocks(map.points, kGatherPoints, stop, gather)) return stopped;
  double z = 0;
  for (const double total : totals) z += total;
  return z;
}

bool ParticleMesh::PrepareGrid(ThreadPool* pool, const std::stop_token& stop) {
  if (convolution_ == nullptr || convolution_->size() != plan_.size) {
    convolution_.reset();  // its memory first
    convolution_ = std::make_unique<OpenConvolution>(dims_, plan_.size);
    prepared_spacing_ = 0;
  }
  if (plan_.spacing == prepared_spacing_) return true;
  if (!convolution_->SetSpacing(plan_.spacing, pool, stop)) return false;
  if (!convolution_->Clear(pool, stop)) return false;
  convolution_->grid()[0] = 1;
  if (!convolution_->Convolve(pool, stop)) return false;
  for (int64_t row = 0; row < (dims_ == 2 ? kReach : kReach * kReach); ++row) {
    const int64_t y = row % kReach;
    const int64_t z = row / kReach;
    std::copy_n(convolution_->grid() + (y + z * plan_.size) * convolution_->pitch(), kReach,
                charge_potential_.data() + row * kReach);
  }
  prepared_spacing_ = plan_.spacing;
  return true;
}

// A counting sort in fixed parts: the order within a stripe is that of the points, whatever thread
// sorts which part.
bool ParticleMesh::SortIntoStripes(const PackedMap& map, const Frame& frame, ThreadPool* pool,
                                   const std::stop_token& stop) {
  const int64_t rows = StripeRows(dims_);
  const int64_t stripes = (frame.size + rows - 1) / rows;
  const int64_t parts = (map.points + kPartPoints - 1) / kPartPoints;
  const int axis = dims_ - 1;
  sorted_.resize(static_cast<size_t>(map.points));
  stripe_of_.resize(static_cast<size_t>(map.points));
  counts_.assign(static_cast<size_t>(parts * stripes), 0);
  const float origin = frame.origin[static_cast<size_t>(axis)];
  const auto count = [&](int64_t begin, int64_t end) {
    int32_t* of_part = counts_.data() + begin / kPartPoints * stripes;
    for (int64_t i = begin; i < end; ++i) {
      const float u = (map.point(i)[axis] - origin) * frame.inverse;
      const auto stripe = static_cast<uint16_t>((static_cast<int64_t>(u) - 1) / rows);
      stripe_of_[static_cast<size_t>(i)] = stripe;
      ++of_part[stripe];
    }
  };
  if (!pool->ForBlocks(map.points, kPartPoints, stop, count)) return false;
  stripe_starts_.assign(static_cast<size_t>(stripes + 1), 0);
  int64_t next = 0;
  for (int64_t stripe = 0; stripe < stripes; ++stripe) {
    stripe_starts_[static_cast<size_t>(stripe)] = next;
    for (int64_t part = 0; part < parts; ++part) {
      int32_t& of_part = counts_[static_cast<size_t>(part * stripes + stripe)];
      const int32_t size = of_part;
      of_part = static_cast<int32_t>(next);
      next += size;
    }
  }
  stripe_starts_[static_cast<size_t>(stripes)] = next;
  return pool->ForBlocks(map.points, kPartPoints, stop, [&](int64_t begin, int64_t end) {
    int32_t* places = counts_.data() + begin / kPartPoints * stripes;
    for (int64_t i = begin; i < end; ++i) {
      const int32_t place = places[stripe_of_[static_cast<size_t>(i)]]++;
      sorted_[static_cast<size_t>(place)] = static_cast<int32_t>(i);
    }
  });
}

bool ParticleMesh::Spread(const PackedMap& map, const Frame& frame, ThreadPool* pool,
                          const std::stop_token& stop) {
  const View view{map.values.data(), frame.origin.data(), frame.inverse,           frame.size,
                  frame.pitch,       frame.grid,          charge_potential_.data()};
  const auto stripes = static_cast<int64_t>(stripe_starts_.size()) - 1;
  for (const int64_t parity : {0, 1}) {
    const int64_t count = (stripes + 1 - parity) / 2;
    const bool is_done = pool->ForBlocks(count, 1, stop, [&](int64_t begin, int64_t) {
      const auto stripe = static_cast<size_t>(2 * begin + parity);
      const int32_t* first = sorted_.data() + stripe_starts_[stripe];
      const int32_t* last = sorted_.data() + stripe_starts_[stripe + 1];
      dims_ == 2 ? Spread2(view, first, last) : Spread3(view, first, last);
    });
    if (!is_done) return false;
  }
  return true;
}

}  // namespace spirogram::projector
