// Eigenpairs of symmetric matrices in float64, as PCA needs them.
//
// LAPACK is not used although OpenBLAS brings it: its Fortran half needs libgfortran at run time,
// which a machine that runs our static programs may lack. The two solvers here rest on CBLAS alone.
// All functions are pure.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "projector/threads.h"

namespace spirogram::projector {

struct Eigenpairs {
  std::vector<double> values;   // k, descending
  std::vector<double> vectors;  // k x n: row i is the unit vector of values[i]
};

// All n eigenpairs of the n x n matrix by Jacobi's cyclic rotations: slow (about 30 n^3 operations)
// and accurate. Returns early, with what it has, when `stop` is requested.
// REQUIRES: matrix is finite and symmetric, matrix.size() == n * n.
Eigenpairs JacobiEigenpairs(std::vector<double> matrix, int64_t n,
                            const std::stop_token& stop = {});

// The k largest eigenpairs: Jacobi for small n or many pairs (n below 12 (k + 8)), else a restarted
// block Krylov method. Vectors of
// nearly equal eigenvalues (relative distance below 1e-9) may come mixed: they span the same space.
// Returns early, with what it has, when `stop` is requested.
// REQUIRES: matrix is finite, symmetric and positive semi-definite, 1 <= k <= n.
Eigenpairs LargestEigenpairs(std::span<const double> matrix, int64_t n, int64_t k, uint64_t seed,
                             ThreadPool* pool, const std::stop_token& stop);

}  // namespace spirogram::projector
