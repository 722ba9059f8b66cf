// A few rows that look for their neighbours together, in the cells around them.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "projector/knn_tile.h"
#include "projector/row_cells.h"
#include "projector/shortlist.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Of at most kTileRows rows, for the `kept` nearest of each. What a row finds depends on its cell
// and the reach alone, not on the rows beside it. Not thread-safe; keeps its arguments.
class CellSearch {
 public:
  // `pool` is given way to between two cells.
  CellSearch(const ScaledRows& values, const RowCells& cells, std::span<const int32_t> rows,
             int64_t kept, ThreadPool* pool, const std::stop_token& stop);

  // Compares the rows with all others. False: `stop` was requested.
  bool CompareAll();

  // Compares the rows, which are all of cell `home`, with those of the cells into which they look.
  // Let t be the squared distance of the farthest neighbour that a row has found so far, d the
  // distance of a cell's centre and v the cell's variance. A row of the cell, sqrt(v) off the
  // centre, is nearer than sqrt(t) only if it lies off towards the searching row, within an angle
  // whose cosine is (d^2 + v - t) / (2 d sqrt(v)). In many dims hardly any row lies so: the cell is
  // left out where that cosine is above `reach`. False: `stop` was requested.
  bool CompareNear(int64_t home, float reach);

  // By the approximate squared distances of the scaled rows.
  Shortlist& shortlist() { return shortlist_; }
  int64_t comparisons() const { return comparisons_; }

 private:
  struct Distant {
    float square;  // of the distance between the centres
    int32_t cell;

    friend bool operator<(const Distant& a, const Distant& b) {
      return a.square != b.square ? a.square < b.square : a.cell < b.cell;
    }
  };

  bool CompareWhole(int64_t cell);
  bool CompareLooking(int64_t cell);
  void CompareTile(const float* values, std::span<const int32_t> others, const float* panels);
  void MeasureCentres(std::span<const Distant> cells);
  std::vector<Distant> CellsFrom(int64_t home) const;
  void LeaveOutFar(int64_t home, float reach, size_t compared, std::vector<Distant>* cells);

  const RowCells& cells_;
  int64_t dims_;
  std::span<const int32_t> rows_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  Shortlist shortlist_;
  std::vector<float> values_;          // rows x D
  std::vector<float> panels_;          // the same in panels
  std::vector<int16_t> looking_;       // of rows_, those that look into a cell
  std::vector<float> looking_values_;  // theirs of values_
  std::vector<float> tile_;
  std::vector<float> centres_;  // of as many cells as a tile has rows, x D
  // Of the rows from these centres: squares_[c * kTileRows + r].
  std::vector<float> squares_;
  int64_t comparisons_ = 0;
  TileKernel compute_tile_ = PickTileKernel();
};

}  // namespace spirogram::projector
