// What the rows of an embedding look like as a whole: how many directions they use, whether they
// point one way, lump together, repeat. findings.h says what is wrong; this only measures.
//
// Pure functions; thread-safe for callers with a pool each. X is N x D, mu its mean row, s the
// singular values of X, sc those of X - mu, lambda = sc^2 / N.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// So many rows are named one by one, of as many as there are.
inline constexpr size_t kRowsNamedMax = 1'000;

struct StatisticsOptions {
  int64_t spectrum_rows_max = 25'600;  // as RankMe's authors use
  int64_t pairs = 100'000;             // random pairs of rows, for uniformity and tightness
  int64_t cluster_rows_max = 2'000;    // for the silhouette
  int64_t hubness_rows_max = 20'000;
  uint64_t seed = 1;  // of the samples, of k-means, of the Gaussian twin
};

// Where there is nothing to measure (no variance, no direction) a number is 0.
struct SpectrumStatistics {
  int64_t rows = 0;                  // of the sample
  double rankme_raw = 0;             // exp(-sum p ln p), p = s / sum s (Garrido et al. 2023)
  double rankme_centred = 0;         // of sc: far above the raw one in a cone
  double participation_ratio = 0;    // (sum lambda)^2 / sum lambda^2
  double nesum = 0;                  // sum lambda / lambda_1
  double information_abundance = 0;  // sum s / s_1 (Guo et al. 2024), raw as there
  double isoscore = 0;               // 1: all directions alike (Rudman et al. 2022)
  double largest_share = 0;          // lambda_1 / sum lambda
  std::vector<double> lambda;        // min(rows, D), descending
};

struct DirectionStatistics {
  double channel_std = 0;   // mean over dims of the std of u = x / |x|, times sqrt(D): 1 is healthy
  double mean_cosine = 0;   // of all pairs of rows
  double uniformity = 0;    // ln E exp(-2 |u - v|^2) (Wang and Isola 2020)
  double spread_ratio = 0;  // sqrt(E |x - mu|^2) / |mu|; infinite where mu is 0
  int64_t zero_rows = 0;    // without direction; left out of the three above that need one
};

struct HubStatistics {
  int64_t rows = 0;           // of the sample; its neighbours are those within the sample
  int neighbors = 0;          // 10, or fewer where the rows do not suffice
  double skew = 0;            // of how often a row is among the neighbours of others
  double gaussian_skew = 0;   // the same for an isotropic Gaussian with as many rows and dims
  double antihub_share = 0;   // rows that are nobody's neighbour
  std::vector<int64_t> hubs;  // the most frequent, most frequent first, at most 20
  std::vector<int64_t> hub_counts;
};

struct ClusterStatistics {
  int64_t rows = 0;                 // of the sample
  double silhouette = 0;            // at the best k from 2 to 50, or more where rows lie apart
  int clusters = 0;                 // that k; 0 where the rows are too few or all equal
  double within_share = 1;          // within-cluster / total variance at it
  std::vector<int32_t> assignment;  // N: each row's cluster, [0, clusters)
};

struct NormStatistics {
  double mean = 0;    // of |x|
  double spread = 0;  // std / mean
  double skew = 0;
};

struct EmbeddingStatistics {
  int64_t points = 0;
  int64_t dims = 0;
  SpectrumStatistics spectrum;
  DirectionStatistics directions;
  HubStatistics hubs;
  ClusterStatistics clusters;
  NormStatistics norms;
  double two_nn = 0;                // intrinsic dimension from r2 / r1 (Facco et al. 2017)
  double tightness = 0;             // median nearest-neighbour / median random-pair distance
  double duplicate_share = 0;       // rows that another row equals, value by value
  std::vector<int64_t> duplicates;  // group by group, largest first, at most kRowsNamedMax
  std::vector<int32_t> dead_dims;   // with less than a millionth of the mean variance of a dim
  // Rows that are what they were in the first checkpoint; absent without one.
  std::optional<double> unmoved_share;
  std::vector<int64_t> unmoved;  // at most kRowsNamedMax
};

// `graph` is the Euclidean neighbours of the matrix, k >= 2; `first` the same table at its first
// checkpoint, or null; rows it lacks count as moved. The same input and seed give the same numbers,
// whatever the number of threads. Errors: kInvalidArgument (N < 3, shapes that differ, NaN or
// infinity), kCancelled.
Result<EmbeddingStatistics> ComputeStatistics(const MatrixView& matrix, const NeighborGraph& graph,
                                              const MatrixView* first,
                                              const StatisticsOptions& options, ThreadPool* pool,
                                              const std::stop_token& stop);

// A quick look at a sample of 300 rows, or of up to 2,000 where these are not far from every alarm,
// without those that are not finite or far: spectrum, directions, tightness and intrinsic
// dimension; clusters where the rows lie tight or use few directions; nothing else. The statistics
// are those of a matrix of the sample. Errors: kInvalidArgument (fewer than 20 rows, more than half
// of them not finite), kCancelled.
Result<EmbeddingStatistics> ComputeSampleStatistics(const MatrixView& matrix, ThreadPool* pool,
                                                    const std::stop_token& stop);

// The parts, each alone. REQUIRES: matrix is checked, here and below.
SpectrumStatistics ComputeSpectrum(const MatrixView& matrix, const StatisticsOptions& options,
                                   ThreadPool* pool, const std::stop_token& stop);
DirectionStatistics ComputeDirections(const MatrixView& matrix, const StatisticsOptions& options);
NormStatistics ComputeNorms(const MatrixView& matrix);
Result<HubStatistics> ComputeHubs(const MatrixView& matrix, const NeighborGraph& graph,
                                  const StatisticsOptions& options, ThreadPool* pool,
                                  const std::stop_token& stop);
Result<ClusterStatistics> ComputeClusters(const MatrixView& matrix,
                                          const StatisticsOptions& options, ThreadPool* pool,
                                          const std::stop_token& stop);
// The median distance to the nearest row, over that of random pairs; 0 where all rows are equal.
double ComputeTightness(const MatrixView& matrix, const NeighborGraph& graph,
                        const StatisticsOptions& options);
// From the distances to the two nearest that differ from the row; 0 where there are none, or most
// are alike.
double TwoNearestDimension(const NeighborGraph& graph);

}  // namespace spirogram::projector
