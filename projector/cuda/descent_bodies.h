// What t-SNE on the GPU does with one point or one edge, beside the mesh: attraction, KL
// divergence, direct sums, the optimiser's rule and the order along a Morton curve.
#pragma once

#include <cmath>
#include <cstdint>

#include "projector/cuda/mesh_bodies.h"
#include "projector/host_device.h"
#include "projector/schedule.h"

namespace spirogram::projector {

template <int kDims>
SPIROGRAM_HOST_DEVICE inline float OnePlusSquare(const DevicePoint<kDims>& a,
                                                 const DevicePoint<kDims>& b,
                                                 float (&difference)[kDims]) {
  float square = 1;
  for (int k = 0; k < kDims; ++k) {
    difference[k] = a.at[k] - b.at[k];
    square += difference[k] * difference[k];
  }
  return square;
}

// sum += p q (a - b)
template <int kDims>
SPIROGRAM_HOST_DEVICE inline void Attract(const DevicePoint<kDims>& a, const DevicePoint<kDims>& b,
                                          float p, float (&sum)[kDims]) {
  float difference[kDims];
  const float pull = p / OnePlusSquare<kDims>(a, b, difference);
  for (int k = 0; k < kDims; ++k) sum[k] += pull * difference[k];
}

// sum += q^2 (a - b); returns q.
template <int kDims>
SPIROGRAM_HOST_DEVICE inline float Repel(const DevicePoint<kDims>& a, const DevicePoint<kDims>& b,
                                         float (&sum)[kDims]) {
  float difference[kDims];
  const float q = 1 / OnePlusSquare<kDims>(a, b, difference);
  for (int k = 0; k < kDims; ++k) sum[k] += q * q * difference[k];
  return q;
}

// p ln(1 + |a - b|^2)
template <int kDims>
SPIROGRAM_HOST_DEVICE inline float WeightedLog(const DevicePoint<kDims>& a,
                                               const DevicePoint<kDims>& b, float p) {
  float difference[kDims];
  return p * std::log(OnePlusSquare<kDims>(a, b, difference));
}

struct StepFactors {
  float exaggeration;
  float learning_rate;
  float momentum;
};

// A point's momentum, and one step of the descent with it: gains, velocity, clipping. Returns where
// the point goes.
template <int kDims>
struct PointMotion {
  DevicePoint<kDims> velocity;
  DevicePoint<kDims> gains;

  SPIROGRAM_HOST_DEVICE DevicePoint<kDims> Move(const DevicePoint<kDims>& from,
                                                const DevicePoint<kDims>& attraction,
                                                const DevicePoint<kDims>& repulsion,
                                                float inverse_z, const StepFactors& step) {
    float square = 0;
    for (int k = 0; k < kDims; ++k) {
      const float gradient = step.exaggeration * attraction.at[k] - inverse_z * repulsion.at[k];
      const float gain =
          gradient * velocity.at[k] < 0 ? gains.at[k] + kGainIncrease : gains.at[k] * kGainDecrease;
      gains.at[k] = gain < kGainMin ? kGainMin : gain;
      velocity.at[k] = step.momentum * velocity.at[k] - step.learning_rate * gains.at[k] * gradient;
      square += velocity.at[k] * velocity.at[k];
    }
    const float scale =
        square > kStepNormMax * kStepNormMax ? kStepNormMax / std::sqrt(square) : 1.0F;
    DevicePoint<kDims> to = from;
    for (int k = 0; k < kDims; ++k) {
      velocity.at[k] *= scale;
      to.at[k] += velocity.at[k];
    }
    return to;
  }
};

// Puts kDims - 1 zero bits between the bits of v: 16 bits in two dims, 10 in three.
template <int kDims>
SPIROGRAM_HOST_DEVICE inline uint32_t SpreadBits(uint32_t v) {
  if constexpr (kDims == 2) {
    v = (v | (v << 8)) & 0x00FF00FF;
    v = (v | (v << 4)) & 0x0F0F0F0F;
    v = (v | (v << 2)) & 0x33333333;
    return (v | (v << 1)) & 0x55555555;
  } else {
    v = (v | (v << 16)) & 0x030000FF;
    v = (v | (v << 8)) & 0x0300F00F;
    v = (v | (v << 4)) & 0x030C30C3;
    return (v | (v << 2)) & 0x09249249;
  }
}

// The place of a point along the curve through its box, as MortonOrder (morton.h) has it.
template <int kDims>
SPIROGRAM_HOST_DEVICE inline uint32_t MortonKey(const DevicePoint<kDims>& y, const MeshBox& box) {
  double span = 0;
  for (int k = 0; k < kDims; ++k) {
    const double side = static_cast<double>(box.high[k]) - box.low[k];
    span = side > span ? side : span;
  }
  const double scale = span > 0 ? (kDims == 2 ? 65535.0 : 1023.0) / span : 0;
  uint32_t key = 0;
  for (int k = 0; k < kDims; ++k) {
    const double offset = static_cast<double>(y.at[k]) - box.low[k];
    key |= SpreadBits<kDims>(static_cast<uint32_t>(offset * scale)) << k;
  }
  return key;
}

}  // namespace spirogram::projector
