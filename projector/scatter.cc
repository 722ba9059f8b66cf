#include "projector/scatter.h"

#include <cblas.h>

#include <algorithm>

#include "projector/blas_threads.h"

namespace spirogram::projector {
namespace {

// A task sums up this many rows of the result, over one of several parts of the matrix. A small
// result has more parts, each with sums of its own.
constexpr int64_t kPanel = 128;
constexpr int64_t kPartsMax = 32;
constexpr int64_t kSumsMax = int64_t{4} << 20;

// What the tasks of a scatter matrix share.
struct Work {
  const MatrixView& matrix;
  const std::vector<double>& shift;
  const std::stop_token& stop;
  bool is_gram;    // X X' and not X'X
  int64_t n;       // the side of the result
  int64_t length;  // what is summed over
};

// Adds rows [first, first + size) of the upper triangle, over [begin, end) of the length.
void AddPanel(const Work& work, int64_t first, int64_t begin, int64_t end, double* sums) {
  const int size = static_cast<int>(std::min(kPanel, work.n - first));
  const int columns = static_cast<int>(work.n - first);
  double* out = sums + first * work.n + first;
  std::vector<double> block(static_cast<size_t>(columns * std::min(kScatterBlock, work.length)));
  for (int64_t at = begin; at < end && !work.stop.stop_requested(); at += kScatterBlock) {
    const int depth = static_cast<int>(std::min(kScatterBlock, end - at));
    if (work.is_gram) {
      CopyShifted(work.matrix, work.shift, {first, columns, at, depth}, block.data());
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size, columns, depth, 1, block.data(),
                  depth, block.data(), depth, 1, out, static_cast<int>(work.n));
    } else {
      CopyShifted(work.matrix, work.shift, {at, depth, first, columns}, block.data());
      cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size, columns, depth, 1, block.data(),
                  columns, block.data(), columns, 1, out, static_cast<int>(work.n));
    }
  }
}

}  // namespace

std::vector<double> ColumnMeans(const MatrixView& matrix) {
  std::vector<double> means(static_cast<size_t>(matrix.dims), 0.0);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const float* row = matrix.values.data() + i * matrix.dims;
    for (size_t j = 0; j < means.size(); ++j) means[j] += row[j];
  }
  for (double& mean : means) mean /= static_cast<double>(matrix.points);
  return means;
}

void CopyShifted(const MatrixView& matrix, const std::vector<double>& shift, const MatrixPart& part,
                 double* out) {
  for (int64_t i = 0; i < part.rows; ++i) {
    const float* from = matrix.values.data() + (part.row + i) * matrix.dims + part.column;
    const double* by = shift.data() + part.column;
    for (int64_t j = 0; j < part.columns; ++j) out[i * part.columns + j] = from[j] - by[j];
  }
}

std::vector<double> Scatter(const MatrixView& matrix, const std::vector<double>& shift,
                            ThreadPool* pool, const std::stop_token& stop) {
  const Work work{matrix,
                  shift,
                  stop,
                  matrix.points < matrix.dims,
                  std::min(matrix.points, matrix.dims),
                  std::max(matrix.points, matrix.dims)};
  const int64_t panels = (work.n + kPanel - 1) / kPanel;
  const int64_t blocks = (work.length + kScatterBlock - 1) / kScatterBlock;
  const int64_t parts =
      std::clamp<int64_t>(kSumsMax / (work.n * work.n), 1, std::min(kPartsMax, blocks));
  const int64_t part_length = (blocks + parts - 1) / parts * kScatterBlock;
  const auto square = static_cast<size_t>(work.n * work.n);
  std::vector<double> sums(static_cast<size_t>(parts) * square, 0.0);
  KeepBlasOnItsCaller();
  pool->ForBlocks(parts * panels, 1, stop, [&](int64_t task, int64_t) {
    const int64_t begin = task / panels * part_length;
    AddPanel(work, task % panels * kPanel, begin, std::min(work.length, begin + part_length),
             sums.data() + static_cast<size_t>(task / panels) * square);
  });
  for (size_t at = square; at < sums.size(); ++at) sums[at % square] += sums[at];
  sums.resize(square);
  MirrorUpperTriangle(&sums, work.n);
  return sums;
}

void MirrorUpperTriangle(std::vector<double>* matrix, int64_t n) {
  double* a = matrix->data();
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) a[j * n + i] = a[i * n + j];
  }
}

}  // namespace spirogram::projector
