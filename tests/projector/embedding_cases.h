// Embeddings that are healthy or sick in known ways: 5,000 rows of 64 dims.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "tests/projector/test_data.h"

namespace spirogram::projector {

inline constexpr int64_t kCaseRows = 5000;
inline constexpr int64_t kCaseDims = 64;

inline Matrix Isotropic() {
  return Gaussian(kCaseRows, kCaseDims, 1);
}

// Variances 1, 1/2, 1/3, ...
inline Matrix PowerLaw() {
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, 2);
  for (int64_t i = 0; i < matrix.points; ++i) {
    for (int64_t k = 0; k < matrix.dims; ++k) {
      matrix.at(i, k) /= static_cast<float>(std::sqrt(1.0 + static_cast<double>(k)));
    }
  }
  return matrix;
}

// Clouds of standard deviation `within` about Gaussian centres; row i is of cluster i % clusters.
inline Matrix Clouds(int clusters, float within, uint64_t seed) {
  const Matrix centres = Gaussian(clusters, kCaseDims, seed);
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, seed + 1);
  for (int64_t i = 0; i < matrix.points; ++i) {
    for (int64_t k = 0; k < matrix.dims; ++k) {
      const auto from = static_cast<size_t>(i % clusters * kCaseDims + k);
      matrix.at(i, k) = centres.values[from] + within * matrix.at(i, k);
    }
  }
  return matrix;
}

// Three directions, and 1 % of noise.
inline Matrix RankThree() {
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, 4);
  const Matrix factors = Gaussian(kCaseRows, 3, 5);
  const Matrix directions = Gaussian(3, kCaseDims, 6);
  for (int64_t i = 0; i < matrix.points; ++i) {
    for (int64_t k = 0; k < matrix.dims; ++k) {
      float value = 0.01F * matrix.at(i, k);
      for (int64_t r = 0; r < 3; ++r) {
        value += factors.values[static_cast<size_t>(3 * i + r)] *
                 directions.values[static_cast<size_t>(r * kCaseDims + k)];
      }
      matrix.at(i, k) = value;
    }
  }
  return matrix;
}

// About a mean row whose entries are five standard deviations each.
inline Matrix Cone() {
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, 7);
  for (float& value : matrix.values) value += 5;
  return matrix;
}

inline Matrix PointWithNoise() {
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, 8);
  const Matrix point = Gaussian(1, kCaseDims, 9);
  for (int64_t i = 0; i < matrix.points; ++i) {
    for (int64_t k = 0; k < matrix.dims; ++k) {
      matrix.at(i, k) = point.values[static_cast<size_t>(k)] + 1e-3F * matrix.at(i, k);
    }
  }
  return matrix;
}

// The last 30 % of the rows are copies of the first 20.
inline Matrix WithCopies() {
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, 10);
  for (int64_t i = kCaseRows * 7 / 10; i < kCaseRows; ++i) {
    for (int64_t k = 0; k < kCaseDims; ++k) matrix.at(i, k) = matrix.at(i % 20, k);
  }
  return matrix;
}

// Isotropic directions with lognormal lengths.
inline Matrix LognormalNorms() {
  Matrix matrix = Gaussian(kCaseRows, kCaseDims, 11);
  Random random(12);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const auto length = static_cast<float>(std::exp(random.NextNormal()));
    for (int64_t k = 0; k < matrix.dims; ++k) matrix.at(i, k) *= length;
  }
  return matrix;
}

}  // namespace spirogram::projector
