// Sums over the rows of a matrix in float64, as principal components and spectra need them.
//
// The work is cut by the shape of the matrix alone, so the bits do not depend on the number of
// threads.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Rows (or columns) that are brought to float64 at a time.
inline constexpr int64_t kScatterBlock = 256;

// A part of a matrix: rows [row, row + rows) x columns [column, column + columns).
struct MatrixPart {
  int64_t row, rows, column, columns;
};

// D: the mean of each column.
std::vector<double> ColumnMeans(const MatrixView& matrix);

// The part minus `shift` (D), row-major.
void CopyShifted(const MatrixView& matrix, const std::vector<double>& shift, const MatrixPart& part,
                 double* out);

// D x D: (X - shift)'(X - shift), or where N < D the smaller N x N: (X - shift)(X - shift)', which
// has the same eigenvalues but for zeros. Unfinished when `stop` is requested.
std::vector<double> Scatter(const MatrixView& matrix, const std::vector<double>& shift,
                            ThreadPool* pool, const std::stop_token& stop);

// Makes an upper triangle of n x n a symmetric matrix.
void MirrorUpperTriangle(std::vector<double>* matrix, int64_t n);

}  // namespace spirogram::projector
