// A few rows that hold NaN, an infinity or a number beyond 1e30, whose square is infinite soon, do
// not keep the others from having a map: they are left out, and stand in it without a place. So are
// rows of zeros for cosine, such as an embedding's padding: they have no direction. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

// Beyond it a number counts as infinite.
inline constexpr float kFiniteMax = 1e30F;

// The rows that hold what is not finite or, for cosine, zeros alone, ascending. kInvalidArgument
// where that is more than half of them, all or not: then a column is broken, or the table, and a
// map of the rest would say little. The error names the first of them and the column that is not
// finite most often.
Result<std::vector<int64_t>> FindRowsToLeaveOut(const MatrixView& matrix,
                                                Metric metric = Metric::kEuclidean);

// "17 (column 3 is NaN), 40 (all zeros) and 8 more", the first five. REQUIRES: `rows`
// are such rows of the matrix.
std::string DescribeRows(const MatrixView& matrix, std::span<const int64_t> rows);

// Takes rows out of a table of any number of columns; the others keep their order. REQUIRES: `rows`
// ascend and are rows of it.
void TakeRowsOut(std::span<const int64_t> rows, int64_t columns, std::vector<float>* values);

// The opposite for a map: its rows stand where they stood before `rows` were taken out, and those
// are NaN.
std::vector<float> PutRowsBack(std::span<const int64_t> rows, int dims, std::span<const float> map);

// The row numbers of a table without `left_out`, as numbers of the whole one: ascending.
std::vector<int64_t> RowsThatStay(std::span<const int64_t> left_out, int64_t points);

}  // namespace spirogram::projector
