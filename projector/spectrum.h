// The spectrum of a matrix's rows, as the statistics of an embedding need it: all values, no
// vectors.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// The eigenvalues of a symmetric n x n matrix, descending: Householder's reduction to three
// diagonals (4/3 n^3 operations), then the implicit QL method. Jacobi (eigen.h) would take 20 times
// as long. Empty when `stop` is requested. REQUIRES: matrix is finite and symmetric.
std::vector<double> SymmetricEigenvalues(std::vector<double> matrix, int64_t n,
                                         const std::stop_token& stop);

struct RowSpectrum {
  std::vector<double> raw;      // min(N, D) singular values of X, descending
  std::vector<double> centred;  // the same of X - mean
  std::vector<double> mean;     // D
};

// In float64, through the smaller of X'X and XX'; a value below 1e-7 of the largest is mostly
// rounding. Empty when `stop` is requested.
RowSpectrum SpectrumOf(const MatrixView& matrix, ThreadPool* pool, const std::stop_token& stop);

}  // namespace spirogram::projector
