// Places new points on a map that is there already and does not move: rows of a later checkpoint,
// or those of another data set, where they would lie among the old.
//
// The new points are attracted by the old ones that are nearest to them in the D dims, with the
// weights of a Gaussian of the wanted perplexity, and repelled by the whole old map, but not by
// each other: where a point lands does not depend on what else is placed (Policar, Strazar and
// Zupan 2023).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

struct TransformOptions {
  int dims = 2;           // of the map: 2 or 3
  double perplexity = 5;  // few neighbours place a point better than many
  int iterations = 250;
  double exaggeration = 1.5;
  double learning_rate = 0.1;
  int threads = 0;  // 0: as many as the machine has cores
  Courtesy courtesy = Courtesy::kNone;
};

struct TransformProgress {
  double share = 0;                    // of the work, 0 to 1
  int64_t placed = 0;                  // rows
  std::span<const float> coordinates;  // M x d, NaN of rows not placed yet; valid during the call
};

struct TransformResult {
  std::vector<float> coordinates;  // M x d
  int iterations = 0;
  double seconds = 0;
  // How true the places are: the mean share of a row's nearest old rows in the D dims that are
  // among the old points nearest to it on the map, and how many of each are compared: 10, or all
  // old rows.
  double recall = 0;
  int neighbors_judged = 0;
};

// old_rows: N x D, map: N x d, new_rows: M x D; distances are Euclidean, sums in float64. The work
// is M N D for the neighbours and M N for each of the iterations. The same input gives the same
// places, whatever the number of threads. Rows are placed in their order, and `progress` (may be
// empty) sees those that are. Errors: kInvalidArgument (shapes that do not fit, fewer than 2 old
// rows, a perplexity not in [1, N / 3], NaN or infinity, options out of range), kCancelled.
Result<TransformResult> TransformPoints(
    const MatrixView& old_rows, std::span<const float> map, const MatrixView& new_rows,
    const TransformOptions& options, const std::function<void(const TransformProgress&)>& progress,
    const std::stop_token& stop);

}  // namespace spirogram::projector
