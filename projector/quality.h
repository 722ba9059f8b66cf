// How true a map is to the matrix that it shows: one evaluator for every map, whoever drew it.
//
// Pure functions of a matrix and a map; thread-safe for callers with a pool each. What is too much
// to compute for every row is measured on a sample, and the answer says so.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

struct Estimate {
  double value = 0;
  double standard_error = 0;  // 0 where exact
  int64_t samples = 0;        // rows (of Spearman's correlation: pairs) that it comes from
  bool is_exact = false;      // from all of them
};

// P of t-SNE: symmetric, sums to 1, nothing on the diagonal. Row i has the entries [row_start[i],
// row_start[i + 1]) of `column` and `value`.
struct AffinityView {
  std::span<const int64_t> row_start;  // N + 1
  std::span<const int32_t> column;
  std::span<const float> value;
};

struct QualityOptions {
  Metric metric = Metric::kEuclidean;  // of the matrix; in the map it is always Euclidean
  int trust_neighbors = 12;            // k of trustworthiness and continuity
  int vote_neighbors = 10;             // k of the class accuracy
  int64_t rows_exact_max = 10'000;     // up to here every row is a query ...
  int64_t queries = 5'000;             // ... and beyond it this many, drawn without replacement
  int64_t rank_pairs = 100'000;        // of Spearman's correlation
  // Z of the KL divergence takes N^2 / 2 terms; where that is more, it is estimated from whole rows
  // with this many terms together.
  int64_t z_terms_max = 10'000'000'000;
  uint64_t seed = 1;  // of the samples
};

// k is smaller than asked for where there are too few rows for it.
struct MapQuality {
  std::optional<Estimate> kl_divergence;  // nats; absent without affinities
  int trust_neighbors = 0;
  Estimate trustworthiness;  // 1: what is near in the map is near in the matrix
  Estimate continuity;       // 1: what is near in the matrix is near in the map
  // Share of the 10 nearest of the map that are among the 10 nearest of the matrix, or as near.
  Estimate recall_10;
  Estimate recall_30;
  Estimate spearman;  // rank correlation of distances; NaN where either has one distance only
  // Share of rows whose label wins the vote of their neighbours on the map; ties go to the smaller
  // label. Absent without labels.
  std::optional<Estimate> class_accuracy;
  double span = 0;  // the largest extent of the map along an axis
};

// `map` is N x d, with d = 2 or 3 where there are affinities. These may be null, `labels` empty
// (else N codes). `progress` as in NearestNeighbors. The same input and seed give the same answer,
// whatever the number of threads. Errors: kInvalidArgument (N < 4, shapes that differ, NaN or
// infinity, affinities that are not a distribution: the place is named), kCancelled.
Result<MapQuality> JudgeMap(const MatrixView& matrix, const MatrixView& map,
                            const AffinityView* affinities, std::span<const int32_t> labels,
                            const QualityOptions& options, ThreadPool* pool,
                            const std::stop_token& stop,
                            const std::function<void(double)>& progress);

// KL(P||Q) alone, with Z over all pairs, or over all pairs of sampled rows beyond z_terms_max.
// Errors: as above.
Result<Estimate> SparseKlDivergence(const AffinityView& affinities, const MatrixView& map,
                                    const QualityOptions& options, ThreadPool* pool,
                                    const std::stop_token& stop);

}  // namespace spirogram::projector
