// k-means and the silhouette, on samples of rows.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

struct Clustering {
  std::vector<double> centres;      // k x D
  std::vector<int32_t> assignment;  // N
  double within = 0;                // sum of squared distances to the centres
};

// The squared distances of all pairs of rows, N x N: for a few thousand. Not all are there when
// `stop` is requested.
std::vector<float> SquaredDistances(const MatrixView& matrix, ThreadPool* pool,
                                    const std::stop_token& stop);

// Lloyd's iterations from k-means++ (each new centre is the best of a few draws, as scikit-learn
// does), the best of a few starts. REQUIRES: 1 <= k <= N; squares is that of the
// function above.
Clustering KMeans(const MatrixView& matrix, std::span<const float> squares, int k, uint64_t seed,
                  const std::stop_token& stop);

// The clusters [0, k) that rows were assigned to, with their means as centres.
Clustering ClusteringOf(const MatrixView& matrix, std::vector<int32_t> assignment, int k);

// The nearest centre of a row.
int32_t NearestCentre(std::span<const float> row, std::span<const double> centres);

// The mean of (b - a) / max(a, b): a, the mean distance to the other rows of the own cluster; b, to
// those of the nearest other (Rousseeuw 1987). A row alone in its cluster counts 0. In [-1, 1].
double Silhouette(std::span<const float> squares, std::span<const int32_t> assignment, int k);

}  // namespace spirogram::projector
