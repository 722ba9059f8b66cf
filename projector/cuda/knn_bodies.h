// What the search for neighbours on the GPU computes of one row or one pair, and the bound that
// makes it exact.
//
// Candidates come from rows u = round(s (x - mean)) in half precision, whose products tensor cores
// sum in float32. How far an approximate square |u_i|^2 + |u_j|^2 - 2 u_i.u_j may be from the true
// one is known for each row: what rounding took from it is measured, and the error of the sum has a
// bound. Nothing within the error of the k-th best is dropped, so that ranking the kept by the
// distance of knn_distance.h gives the true neighbours; a row that would have to keep too many is
// compared with all others by that distance itself.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "projector/host_device.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Numbers in the order of their values, negative ones included.
SPIROGRAM_HOST_DEVICE inline uint32_t OrderedBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

SPIROGRAM_HOST_DEVICE inline float OfOrderedBits(uint32_t ordered) {
  const uint32_t bits = (ordered & 0x80000000U) != 0 ? ordered & 0x7FFFFFFFU : ~ordered;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// A candidate as one number: nearer ones first, equally near ones by row.
SPIROGRAM_HOST_DEVICE inline uint64_t CandidateKey(float distance, int32_t row) {
  return static_cast<uint64_t>(OrderedBits(distance)) << 32 | static_cast<uint32_t>(row);
}
SPIROGRAM_HOST_DEVICE inline float DistanceOfKey(uint64_t key) {
  return OfOrderedBits(static_cast<uint32_t>(key >> 32));
}
SPIROGRAM_HOST_DEVICE inline int32_t RowOfKey(uint64_t key) {
  return static_cast<int32_t>(key & 0xFFFFFFFFU);
}

// What is known of a rounded row u.
struct RoundedRow {
  float square;  // |u|^2
  float moved;   // at least |u - s (x - mean)|
};

// The same of all rows, and what the search is about.
struct RoundingBounds {
  float norm = 0;      // the largest |u|
  float moved = 0;     // the largest
  double product = 0;  // of the error of a sum of products, relative to |u_i| |u_j|
  // Of rows for cosine: directions that differ by less are one (knn_distance.cc).
  double parallel = 0;
};

// The error of a sum of `dims` products of half precision in float32: tensor cores may cut off
// where a processor would round, and keep a bit or two less than float32 has in between.
SPIROGRAM_HOST_DEVICE inline double ProductError(int64_t dims) {
  return (static_cast<double>(dims) + 8) * 0x1p-22;
}

// How far the approximate square of a row with any other may be from |u_i - u_j|^2.
SPIROGRAM_HOST_DEVICE inline double SquareError(const RoundedRow& row,
                                                const RoundingBounds& bounds) {
  const double norm = std::sqrt(static_cast<double>(row.square));
  const double sum = norm + bounds.norm;
  return 2 * bounds.product * norm * bounds.norm + 0x1p-21 * sum * sum;
}

// Every row whose true distance is at most that of a row with approximate square `square` has an
// approximate square at or below this. True distances are ranked in float32: hence the 2^-22.
SPIROGRAM_HOST_DEVICE inline float CandidateBound(float square, const RoundedRow& row,
                                                  const RoundingBounds& bounds) {
  const double error = SquareError(row, bounds);
  const double shift = static_cast<double>(row.moved) + bounds.moved;
  const double least = square + error > 0 ? square + error : 0;
  const double distance = (std::sqrt(least) + shift) * (1 + 0x1p-22) + bounds.parallel;
  const double farthest = distance + shift;
  return static_cast<float>((farthest * farthest + error) * (1 + 0x1p-22));
}

// |x - y|, or for cosine half the square of unit vectors: as RowDistance::Between (knn_distance.h).
SPIROGRAM_HOST_DEVICE inline float RankedDistance(double square, bool is_cosine) {
  constexpr double kParallelMax = 1e-30;
  if (!is_cosine) return static_cast<float>(std::sqrt(square));
  return square < kParallelMax ? 0.0F : static_cast<float>(square / 2);
}

// The power of two that brings `largest` to 2^13 or just below: half precision ends at 65,504.
inline double HalfScale(double largest) {
  if (!(largest > 0)) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, 13 - exponent);
}

}  // namespace spirogram::projector
