// Rows in cells: each with the centre nearest to it, as k-means has them. Rows of a cell lie
// together in memory, ready for the tile kernel (knn_tile.h), and most neighbours of a row lie in
// the few cells around it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "projector/knn_distance.h"
#include "projector/projector.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Rows as float32 in the scale in which they are compared: of length 1 for cosine, else all
// multiplied by one power of two, so that the squares of most neither overflow nor underflow.
class ScaledRows {
 public:
  // `rows` are looked at for the scale; `distance` must outlive it.
  ScaledRows(const MatrixView& matrix, Metric metric, const RowDistance& distance,
             std::span<const int32_t> rows);

  int64_t dims() const { return matrix_.dims; }
  // Value k of the row goes to to[k * stride].
  void Copy(int64_t row, float* to, int64_t stride) const;

 private:
  MatrixView matrix_;
  const RowDistance* distance_;
  double scale_ = 1;
};

struct RowCells {
  int64_t dims = 0;                 // D
  std::vector<float> centres;       // G x D
  std::vector<float> variances;     // G: mean squared distance of a cell's rows from the centre
  std::vector<int32_t> sizes;       // G: rows of the cell, at least 1
  std::vector<int64_t> starts;      // G + 1: the cell's first slot, a multiple of kPanelRows
  std::vector<int32_t> rows;        // of each slot; -1 behind the last of a cell
  std::unique_ptr<float[]> panels;  // slots x D, in panels (knn_tile.h)

  int64_t size() const { return static_cast<int64_t>(sizes.size()); }
  const float* Centre(int64_t cell) const { return centres.data() + cell * dims; }
  const float* Panels(int64_t cell) const {
    return panels.get() + starts[static_cast<size_t>(cell)] * dims;
  }
  std::span<const int32_t> Rows(int64_t cell) const {
    return std::span(rows).subspan(static_cast<size_t>(starts[static_cast<size_t>(cell)]),
                                   static_cast<size_t>(sizes[static_cast<size_t>(cell)]));
  }
};

// Centres are those of k-means on a sample (Lloyd 1982); a cell without rows is left out. Rows that
// are far from every centre are put in cells of their own in the same way. The same rows and seed
// give the same cells, whatever the number of threads. Nothing when `stop` is requested. Memory: a
// copy of the rows and a few bytes for each. REQUIRES: rows is not empty. Throws std::bad_alloc.
std::optional<RowCells> MakeRowCells(const ScaledRows& values, std::span<const int32_t> rows,
                                     uint64_t seed, ThreadPool* pool, const std::stop_token& stop);

// The rows one by one, with zeros up to a multiple of kPatchRows.
std::vector<float> RowMajor(const ScaledRows& values, std::span<const int32_t> rows);
// The rows in panels, with zeros up to a multiple of kPanelRows.
std::vector<float> Panels(const ScaledRows& values, std::span<const int32_t> rows);

}  // namespace spirogram::projector
