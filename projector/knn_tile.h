// Squared distances between two blocks of rows, and which of them are small enough to look at: the
// inner loop of exact neighbours.
//
// The sums are of (x - y)^2 in float32, not the expanded x^2 - 2xy + y^2 that a library's matrix
// product gives. That takes twice the arithmetic and half the memory traffic (distances stay in
// registers until they are whole), and in return there is no cancellation: every distance is right
// to D roundings, whatever the offset of the data, so that a candidate list can be proved complete.
#pragma once

#include <cstdint>
#include <span>

namespace spirogram::projector {

inline constexpr int64_t kTileRows = 192;  // a tile is kTileRows x kTileRows
// Rows are packed in panels of this many: panel[k * kPanelRows + r] is column k of its row r.
inline constexpr int64_t kPanelRows = 32;

// Rows are compared in patches of this many: `rows` below must be readable that far.
inline constexpr int64_t kPatchRows = 12;

// tile[r * kTileRows + c] = sum over k of (rows[r * dims + k] - column c of the panels)^2, for the
// first `row_count` rows and `column_count` columns, at most kTileRows of each; what lies between
// them and the next multiples of kPatchRows and kPanelRows may be set too. `rows` is row-major.
// Pure.
using TileKernel = void (*)(const float* rows, int64_t row_count, const float* panels,
                            int64_t column_count, int64_t dims, float* tile);

// The fastest kernel that this processor runs. Kernels differ in rounding only.
TileKernel PickTileKernel();

struct TilePair {
  int16_t row;
  int16_t column;
  float distance;
};

// The pairs of the first `rows` x `columns` of the tile at or below the larger of the row's and the
// column's threshold, in order. Writes at most rows * columns to `pairs`; returns how many.
int64_t FindPairs(const float* tile, std::span<const float> row_thresholds,
                  std::span<const float> column_thresholds, TilePair* pairs);

// The first `columns` of a row of a tile at or below the threshold, in order. Writes at most
// `columns` to `found`; returns how many.
int64_t FindNear(const float* distances, int64_t columns, float threshold, int16_t* found);

}  // namespace spirogram::projector
