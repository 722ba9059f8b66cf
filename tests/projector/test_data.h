// Small data sets and slow twins for the projector's tests.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "projector/map_points.h"
#include "projector/projector.h"
#include "projector/random.h"

namespace spirogram::projector {

struct Matrix {
  int64_t points = 0;
  int64_t dims = 0;
  std::vector<float> values;

  MatrixView view() const { return {values, points, dims}; }
  float& at(int64_t i, int64_t k) { return values[static_cast<size_t>(i * dims + k)]; }
};

inline Matrix Zeros(int64_t points, int64_t dims) {
  return {points, dims, std::vector<float>(static_cast<size_t>(points * dims), 0.0F)};
}

inline Matrix Gaussian(int64_t points, int64_t dims, uint64_t seed) {
  Matrix matrix = Zeros(points, dims);
  Random random(seed);
  for (float& value : matrix.values) value = static_cast<float>(random.NextNormal());
  return matrix;
}

// Unit Gaussians whose centres are `distance` apart along axes of their own; point i is of cluster
// i % clusters. REQUIRES: clusters <= dims.
inline Matrix Clusters(int64_t points, int64_t dims, int clusters, float distance, uint64_t seed) {
  CHECK(clusters <= dims);
  Matrix matrix = Gaussian(points, dims, seed);
  for (int64_t i = 0; i < points; ++i) matrix.at(i, i % clusters) += distance;
  return matrix;
}

// The error of `got` as a share of the size of `want`.
inline double RelativeRms(const std::vector<float>& got, const std::vector<float>& want) {
  double error = 0;
  double size = 0;
  for (size_t at = 0; at < want.size(); ++at) {
    error += std::pow(double{got[at]} - want[at], 2);
    size += std::pow(double{want[at]}, 2);
  }
  return std::sqrt(error / size);
}

// A map with coordinates of the given spread.
inline MapPoints RandomMap(int64_t points, int dims, double spread, uint64_t seed) {
  MapPoints map(points, dims);
  Random random(seed);
  for (float& value : map.values) value = static_cast<float>(spread * random.NextNormal());
  return map;
}

// KL(P||Q) as its definition has it, in float64.
inline double SlowKlDivergence(std::span<const float> p, const std::vector<double>& y /* d x N */,
                               int64_t points, int dims) {
  std::vector<double> q(p.size(), 0.0);
  double z = 0;
  for (int64_t i = 0; i < points; ++i) {
    for (int64_t j = 0; j < points; ++j) {
      if (i == j) continue;
      double square = 0;
      for (int k = 0; k < dims; ++k) {
        const double difference =
            y[static_cast<size_t>(k * points + i)] - y[static_cast<size_t>(k * points + j)];
        square += difference * difference;
      }
      q[static_cast<size_t>(i * points + j)] = 1 / (1 + square);
      z += 1 / (1 + square);
    }
  }
  double kl = 0;
  for (size_t at = 0; at < p.size(); ++at) {
    if (p[at] > 0) kl += p[at] * std::log(p[at] * z / q[at]);
  }
  return kl;
}

// The share of points whose nearest neighbour on the map (N x d) is of the same cluster.
inline double NeighbourAccuracy(std::span<const float> coordinates, int64_t points, int dims,
                                int clusters) {
  int64_t hits = 0;
  for (int64_t i = 0; i < points; ++i) {
    int64_t nearest = -1;
    double smallest = 0;
    for (int64_t j = 0; j < points; ++j) {
      if (i == j) continue;
      double square = 0;
      for (int k = 0; k < dims; ++k) {
        const double difference = coordinates[static_cast<size_t>(i * dims + k)] -
                                  coordinates[static_cast<size_t>(j * dims + k)];
        square += difference * difference;
      }
      if (nearest < 0 || square < smallest) {
        nearest = j;
        smallest = square;
      }
    }
    hits += i % clusters == nearest % clusters;
  }
  return static_cast<double>(hits) / static_cast<double>(points);
}

}  // namespace spirogram::projector
