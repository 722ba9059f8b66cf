// The slowest waves of a graph: the eigenvectors of the lowest eigenvalues above 0 of its
// normalised Laplacian I - D^-1/2 W D^-1/2, D the row sums of W. Points that hang together have
// near values in them (Belkin and Niyogi 2003).
//
// By subspace iteration with a Chebyshev filter (Zhou, Saad, Tiago and Chelikowsky 2006): a block
// of eight vectors is multiplied by a polynomial of the matrix that is large where the wanted
// eigenvalues lie and small elsewhere. A product takes the graph once for all eight. Discarded:
// Lanczos, which keeps a hundred vectors of N to be orthogonal to, and whose sums BLAS makes
// otherwise on every number of threads.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/symmetrise.h"
#include "projector/threads.h"

namespace spirogram::projector {

struct GraphSpectrum {
  std::vector<double> values;   // k, rising, each from 0 to 2
  std::vector<double> vectors;  // N x k, row-major; columns of length 1
  // Whether each vector's residual is small beside its eigenvalue. Where not, the vectors are still
  // the best of those that were tried.
  bool has_converged = false;
};

// The largest k.
inline constexpr int kGraphVectorsMax = 3;

// The same for any number of threads. The largest entry of each vector is positive. The eigenvalue
// 0 of a connected graph is left out; others it has once for each further component.
// REQUIRES: 1 <= k <= kGraphVectorsMax, k < N, values above 0, no row empty. Errors: kCancelled.
Result<GraphSpectrum> LowestGraphVectors(const SymmetricEdges& graph, int k, uint64_t seed,
                                         ThreadPool* pool, const std::stop_token& stop);

// What it needs beside the graph, in bytes.
int64_t GraphSpectrumBytes(int64_t points);

}  // namespace spirogram::projector
