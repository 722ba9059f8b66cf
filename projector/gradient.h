// The gradient of KL(P||Q) by direct sum over all pairs (van der Maaten and Hinton 2008, eq. 5):
//
//   dKL/dy_i = 4 sum_j (p_ij - q_ij / Z) q_ij (y_i - y_j),   q_ij = 1 / (1 + |y_i - y_j|^2),
//   Z = sum over i != j of q_ij
//
// Attraction and repulsion are kept apart: Z is known only once every pair has been seen, and early
// exaggeration scales attraction alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "projector/map_points.h"

namespace spirogram::projector {

struct Forces {
  Forces(int64_t points, int dims);

  MapPoints attraction;   // d x N: sum_j p_ij q_ij (y_i - y_j)
  MapPoints repulsion;    // d x N: sum_j q_ij^2 (y_i - y_j)
  std::vector<double> z;  // N: sum over j != i of q_ij

  // Z, summed in the order of the points.
  double TotalZ() const;
};

// Fills rows [begin, end) of `forces`. float32 within runs of 1,024 pairs, float64 across them.
// Safe for several threads on disjoint rows. REQUIRES: affinities.size() == N * N, d is 2 or 3.
void AccumulateForces(std::span<const float> affinities, const MapPoints& map, int64_t begin,
                      int64_t end, Forces* forces);

}  // namespace spirogram::projector
