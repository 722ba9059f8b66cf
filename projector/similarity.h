// How alike two embeddings of the same rows are, in their own spaces: two checkpoints, or two runs.
//
// Pure functions; thread-safe for callers with a pool each.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Beyond these the numbers are NaN: the work grows with the square and the cube of the dims.
inline constexpr int64_t kCkaDimsMax = 4'096;
inline constexpr int64_t kResidualDimsMax = 1'024;

struct Similarity {
  // Linear centred kernel alignment (Kornblith et al. 2019): 1 where a rotation and a scale make
  // the two one, 0 where nothing of one is found in the other. NaN without variance.
  double cka = 0;
  // What the best rotation, reflection and scale leave of the variance: 1 - |X'Y|_*^2 / (|X| |Y|)^2
  // of centred X and Y. NaN where their dims differ, and without variance.
  double residual = 0;
  int64_t rows = 0;  // that were compared, evenly spaced: at most 20,000
};

// X and Y: N x D and N x E. Errors: kInvalidArgument (numbers of rows that differ, fewer than 2,
// NaN or infinity: the row is named), kCancelled.
Result<Similarity> CompareEmbeddings(const MatrixView& x, const MatrixView& y, ThreadPool* pool,
                                     const std::stop_token& stop);

// For each row, 1 - |A and B| / |A or B| of its neighbours in both: 0 where they are the same, 1
// where none is. REQUIRES: as many points and neighbours in both.
std::vector<float> NeighborChange(const NeighborGraph& from, const NeighborGraph& to);

}  // namespace spirogram::projector
