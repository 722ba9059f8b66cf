// P, the joint probabilities of t-SNE, over all pairs.
//
// P is dense, symmetric float32: 4 N^2 bytes, 36 MB at 3,000 points and 400 MB at
// kExactTsnePointsMax. Discarded: the 3 x perplexity nearest neighbours alone as a sparse matrix.
// It is smaller, but it is an approximation, and the exact map is there to judge approximations.
// The upper triangle alone would halve the memory but make each row of the gradient a strided walk.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// N x N with a zero diagonal: p_ij = (p_{j|i} + p_{i|j}) / 2N. Distances are direct sums of
// (x - y)^2 in float64: the expanded form x^2 - 2xy + y^2 gives duplicates a distance, and squares
// of large float32 values overflow. Errors: kCancelled.
// REQUIRES: matrix is checked (matrix.h), 1 <= perplexity <= (N - 1) / 3.
Result<std::vector<float>> ComputeAffinities(const MatrixView& matrix, double perplexity,
                                             ThreadPool* pool, const std::stop_token& stop);

}  // namespace spirogram::projector
