// The loops of a particle mesh on the GPU, one element each: what particle_mesh.cc and
// open_convolution.cc do, in a shape that suits thousands of threads. A body is called once for
// each index, in any order; the sums of one point have a fixed order.
//
// The grid has `size` nodes an axis, the transforms are over `side` = 2 `size`. Charges are counted
// in fixed point, so that their sum does not depend on the order of the points.
#pragma once

#include <cmath>
#include <cstdint>

#include "projector/host_device.h"
#include "projector/influence.h"
#include "projector/mesh_plan.h"

namespace spirogram::projector {

inline constexpr int kSplineNodes = 4;
// 2^-32 of a charge: 2^31 points on one node fit, and rounding is below that of float32.
inline constexpr float kChargeUnit = 4294967296.0F;

// Floats from one point of a map to the next: one aligned access.
template <int kDims>
inline constexpr int kPointStride = kDims == 2 ? 2 : 4;

template <int kDims>
struct alignas(kDims == 2 ? 8 : 16) DevicePoint {
  float at[kPointStride<kDims>];
};

struct MeshShape {
  int64_t size = 0;    // nodes along an axis
  double spacing = 0;  // between nodes
  float inverse = 0;   // 1 / spacing
  int64_t side() const { return 2 * size; }
};

// The box around the points, and the place of node 0 that follows from it.
struct MeshBox {
  float low[3];
  float high[3];
  float origin[3];
};

// The cubic B-spline at the four nodes around a point that is `t` in [0, 1) beyond the second.
SPIROGRAM_HOST_DEVICE inline void SplineWeights(float t, float* weights) {
  const float s = 1 - t;
  constexpr float kSixth = 1.0F / 6;
  weights[0] = s * s * s * kSixth;
  weights[1] = (4 + 3 * t * t * (t - 2)) * kSixth;
  weights[2] = (4 + 3 * s * s * (s - 2)) * kSixth;
  weights[3] = t * t * t * kSixth;
}

SPIROGRAM_HOST_DEVICE inline void SplineSlopes(float t, float* slopes) {
  const float s = 1 - t;
  slopes[0] = -s * s * 0.5F;
  slopes[1] = t * (3 * t - 4) * 0.5F;
  slopes[2] = s * (4 - 3 * s) * 0.5F;
  slopes[3] = t * t * 0.5F;
}

// How much of a point's own charge lies 0 to 3 nodes away, on either side, from where it reads by
// `readers`: the weights themselves, or their slopes.
SPIROGRAM_HOST_DEVICE inline void OwnCharges(const float* weights, const float* readers,
                                             float* charges) {
  for (int apart = 0; apart < kSplineNodes; ++apart) {
    float sum = 0;
    for (int a = 0; a + apart < kSplineNodes; ++a) {
      sum += readers[a] * weights[a + apart];
      if (apart > 0) sum += readers[a + apart] * weights[a];
    }
    charges[apart] = sum;
  }
}

// Where a point lies on the grid. A point beyond it is put on its first nodes and is not inside.
template <int kDims>
struct MeshCell {
  int64_t node[kDims];  // the first of four along each axis
  float t[kDims];
  bool is_inside;

  SPIROGRAM_HOST_DEVICE MeshCell(const DevicePoint<kDims>& y, const float* origin,
                                 const MeshShape& shape)
      : is_inside(true) {
    for (int k = 0; k < kDims; ++k) {
      float u = (y.at[k] - origin[k]) * shape.inverse;
      if (!(u >= 1 && u < static_cast<float>(shape.size - 2))) {
        is_inside = false;
        u = 1;
      }
      const auto cell = static_cast<int32_t>(u);
      t[k] = u - static_cast<float>(cell);
      node[k] = cell - 1;
    }
  }
};

// What a point puts on each of the 4^d nodes around it, in units of kChargeUnit.
template <int kDims>
struct PointCharges {
  float weights[kDims][kSplineNodes];

  SPIROGRAM_HOST_DEVICE explicit PointCharges(const MeshCell<kDims>& cell) {
    for (int k = 0; k < kDims; ++k) SplineWeights(cell.t[k], weights[k]);
  }
  SPIROGRAM_HOST_DEVICE unsigned long long At(int a, int b, int c) const {
    const float weight = kDims == 3 ? weights[1][b] * weights[kDims - 1][c] : weights[1][b];
    return static_cast<unsigned long long>(weights[0][a] * weight * kChargeUnit);
  }
};

// An index into a grid of rows of `width`, `height` to a plane, as coordinates. In 32 bits, which
// all grids fit: a GPU divides them in a fifth of the time of 64, and does little else here.
template <int kDims>
struct GridPlace {
  int64_t x, y, z;
  SPIROGRAM_HOST_DEVICE GridPlace(int64_t at, int64_t width, int64_t height) {
    const auto index = static_cast<uint32_t>(at);
    const auto across = static_cast<uint32_t>(width);
    const uint32_t row = index / across;
    x = index - row * across;
    z = kDims == 3 ? row / static_cast<uint32_t>(height) : 0;
    y = row - static_cast<uint32_t>(z) * static_cast<uint32_t>(height);
  }
};
static_assert(4 * MeshSizeMax(2) * (MeshSizeMax(2) + 1) <= UINT32_MAX);
static_assert(8 * MeshSizeMax(3) * MeshSizeMax(3) * (MeshSizeMax(3) + 1) <= UINT32_MAX);

// The padded grid: rows of 2 (size + 1) floats.
template <int kDims>
SPIROGRAM_HOST_DEVICE inline GridPlace<kDims> PaddedNode(int64_t at, int64_t size) {
  return {at, 2 * (size + 1), 2 * size};
}

// For each place of the padded grid: its charge, 0 beyond the grid.
template <int kDims>
struct PadCharges {
  int64_t size;
  const unsigned long long* charges;
  float* padded;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    const auto node = PaddedNode<kDims>(at, size);
    const bool is_node = node.x < size && node.y < size && node.z < size;
    padded[at] = is_node ? static_cast<float>(charges[(node.z * size + node.y) * size + node.x]) *
                               (1 / kChargeUnit)
                         : 0.0F;
  }
};

// The smaller way round a circle of `side` steps.
SPIROGRAM_HOST_DEVICE inline int64_t Folded(int64_t at, int64_t side) {
  return at <= side - at ? at : side - at;
}

// For each place of the padded grid: K(r) = 1 / (1 + r^2), mirrored into the padding.
template <int kDims>
struct FillKernel {
  int64_t size;
  double spacing;
  float* padded;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    const auto node = PaddedNode<kDims>(at, size);
    const double x = spacing * static_cast<double>(Folded(node.x, 2 * size));
    const double y = spacing * static_cast<double>(Folded(node.y, 2 * size));
    const double z = kDims == 3 ? spacing * static_cast<double>(Folded(node.z, 2 * size)) : 0;
    padded[at] = node.x < 2 * size ? static_cast<float>(1 / (1 + x * x + y * y + z * z)) : 0.0F;
  }
};

// For each of the (size + 1)^d frequencies of one octant: what a spectrum is multiplied by.
template <int kDims>
struct FillFactor {
  int64_t size;
  InfluenceTables influence;
  const float* spectrum;  // of the kernel: (re, im), size + 1 a row, side rows a plane
  float* factors;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    const auto [x, y, z] = GridPlace<kDims>(at, size + 1, size + 1);
    const double side = 2 * static_cast<double>(size);
    const double scale = kDims == 3 ? 1 / (side * side * side) : 1 / (side * side);
    const float real = spectrum[2 * ((z * 2 * size + y) * (size + 1) + x)];
    factors[at] = static_cast<float>(scale * InfluenceAt(influence, x, y, z) * real);
  }
};

// For each frequency.
template <int kDims>
struct MultiplySpectrum {
  int64_t size;
  const float* factors;
  float* spectrum;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    const GridPlace<kDims> place(at, size + 1, 2 * size);
    const int64_t y = Folded(place.y, 2 * size);
    const int64_t z = Folded(place.z, 2 * size);
    const float factor = factors[(z * (size + 1) + y) * (size + 1) + place.x];
    spectrum[2 * at] *= factor;
    spectrum[2 * at + 1] *= factor;
  }
};

// The potential and its slopes along the axes, in units of cells.
template <int kDims>
struct MeshReading {
  float potential;
  float slope[kDims];
};

// Sums over a block of nodes, `row` apart in y and `plane` in z.
template <int kDims>
SPIROGRAM_HOST_DEVICE inline MeshReading<kDims> ReadMesh(const float* corner, int64_t row,
                                                         int64_t plane,
                                                         const float (*weights)[kSplineNodes],
                                                         const float (*slopes)[kSplineNodes]) {
  MeshReading<kDims> sum{};
  for (int c = 0; c < (kDims == 3 ? kSplineNodes : 1); ++c) {
    const float weight_z = kDims == 3 ? weights[kDims - 1][c] : 1.0F;
    for (int b = 0; b < kSplineNodes; ++b) {
      const float* nodes = corner + c * plane + b * row;
      float value = 0;
      float slope = 0;
      for (int a = 0; a < kSplineNodes; ++a) {
        value += nodes[a] * weights[0][a];
        slope += nodes[a] * slopes[0][a];
      }
      sum.potential += value * (weights[1][b] * weight_z);
      sum.slope[0] += slope * (weights[1][b] * weight_z);
      sum.slope[1] += value * (slopes[1][b] * weight_z);
      if constexpr (kDims == 3) {
        sum.slope[kDims - 1] += value * (weights[1][b] * slopes[kDims - 1][c]);
      }
    }
  }
  return sum;
}

// For each point: the force of the others, sum_j q_ij^2 (y_i - y_j), and their potential.
template <int kDims>
struct GatherPoint {
  MeshShape shape;
  const DevicePoint<kDims>* points;
  const MeshBox* box;
  const float* padded;         // potentials
  const float* own_potential;  // 4^d: of a charge at node 0, nodes 0 to 3 along each axis
  DevicePoint<kDims>* forces;
  float* potentials;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const {
    const MeshCell<kDims> cell(points[i], box->origin, shape);
    float weights[kDims][kSplineNodes];
    float slopes[kDims][kSplineNodes];
    float own_weights[kDims][kSplineNodes];
    float own_slopes[kDims][kSplineNodes];
    for (int k = 0; k < kDims; ++k) {
      SplineWeights(cell.t[k], weights[k]);
      SplineSlopes(cell.t[k], slopes[k]);
      OwnCharges(weights[k], weights[k], own_weights[k]);
      OwnCharges(weights[k], slopes[k], own_slopes[k]);
    }
    const int64_t pitch = 2 * (shape.size + 1);
    const int64_t plane = 2 * shape.size * pitch;
    const int64_t z = kDims == 3 ? cell.node[kDims - 1] : 0;
    const float* corner = padded + z * plane + cell.node[1] * pitch + cell.node[0];
    const auto all = ReadMesh<kDims>(corner, pitch, plane, weights, slopes);
    const auto own = ReadMesh<kDims>(own_potential, kSplineNodes, kSplineNodes * kSplineNodes,
                                     own_weights, own_slopes);
    potentials[i] = all.potential - own.potential;
    DevicePoint<kDims> force{};
    for (int k = 0; k < kDims; ++k) {
      force.at[k] = -0.5F * shape.inverse * (all.slope[k] - own.slope[k]);
    }
    forces[i] = force;
  }
};

// For each place of the padded grid: a charge of 1 at node 0.
struct PlaceOneCharge {
  float* padded;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const { padded[at] = at == 0 ? 1.0F : 0.0F; }
};

// For each of 4^d: a copy of the potentials next to node 0.
template <int kDims>
struct CopyOwnPotential {
  int64_t size;
  const float* padded;
  float* own_potential;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    const int64_t x = at % kSplineNodes;
    const int64_t y = at / kSplineNodes % kSplineNodes;
    const int64_t z = at / kSplineNodes / kSplineNodes;
    own_potential[at] = padded[(z * 2 * size + y) * 2 * (size + 1) + x];
  }
};

inline constexpr int kMeshMargin = 2;  // nodes below the lowest point

// The grid is anchored: its nodes are at multiples of the spacing, wherever the map's edge is.
SPIROGRAM_HOST_DEVICE inline float MeshOrigin(float low, double spacing) {
  return static_cast<float>((std::floor(low / spacing) - kMeshMargin) * spacing);
}

}  // namespace spirogram::projector
