#include "projector/knn_tile.h"

#include <algorithm>

#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

// Lanes floats of a register; Rows x Columns registers of sums, as many as the processor holds.
template <int Lanes, int Rows, int Columns>
[[gnu::always_inline]] inline void ComputePatch(const float* rows, const float* panel, int64_t dims,
                                                float* patch) {
  using Vector [[gnu::vector_size(Lanes * sizeof(float))]] = float;
  using Unaligned [[gnu::vector_size(Lanes * sizeof(float)), gnu::aligned(alignof(float))]] = float;
  Vector sums[Rows][Columns] = {};
  for (int64_t k = 0; k < dims; ++k) {
    Vector y[Columns];
    for (int c = 0; c < Columns; ++c) {
      y[c] = *reinterpret_cast<const Unaligned*>(panel + k * kPanelRows + c * Lanes);
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const float x = rows[r * dims + k];
#pragma GCC unroll 4
      for (int c = 0; c < Columns; ++c) {
        const Vector difference = y[c] - x;
        sums[r][c] += difference * difference;
      }
    }
  }
  for (int r = 0; r < Rows; ++r) {
    for (int c = 0; c < Columns; ++c) {
      *reinterpret_cast<Unaligned*>(patch + r * kTileRows + c * Lanes) = sums[r][c];
    }
  }
}

template <int Lanes, int Rows, int Columns>
[[gnu::always_inline]] inline void ComputeTile(const float* rows, int64_t row_count,
                                               const float* panels, int64_t column_count,
                                               int64_t dims, float* tile) {
  constexpr int64_t kWidth = Lanes * Columns;
  static_assert(kPatchRows % Rows == 0 && kTileRows % kPatchRows == 0);
  static_assert(kPanelRows % kWidth == 0 && kTileRows % kPanelRows == 0);
  for (int64_t c = 0; c < column_count; c += kWidth) {
    const float* panel = panels + c / kPanelRows * kPanelRows * dims + c % kPanelRows;
    for (int64_t r = 0; r < row_count; r += Rows) {
      ComputePatch<Lanes, Rows, Columns>(rows + r * dims, panel, dims, tile + r * kTileRows + c);
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void TileAvx512(const float* rows, int64_t row_count,
                                                   const float* panels, int64_t column_count,
                                                   int64_t dims, float* tile) {
  ComputeTile<16, 12, 2>(rows, row_count, panels, column_count, dims, tile);
}

__attribute__((target("avx2,fma"))) void TileAvx2(const float* rows, int64_t row_count,
                                                  const float* panels, int64_t column_count,
                                                  int64_t dims, float* tile) {
  ComputeTile<8, 6, 2>(rows, row_count, panels, column_count, dims, tile);
}
#endif

void TileAnywhere(const float* rows, int64_t row_count, const float* panels, int64_t column_count,
                  int64_t dims, float* tile) {
  ComputeTile<4, 4, 2>(rows, row_count, panels, column_count, dims, tile);
}

}  // namespace

TileKernel PickTileKernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return TileAvx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return TileAvx2;
#endif
  return TileAnywhere;
}

SPIROGRAM_VECTOR_CLONES
int64_t FindPairs(const float* tile, std::span<const float> row_thresholds,
                  std::span<const float> column_thresholds, TilePair* pairs) {
  const auto columns = static_cast<int64_t>(column_thresholds.size());
  float padded[kTileRows];
  std::fill(std::copy(column_thresholds.begin(), column_thresholds.end(), padded),
            padded + kTileRows, -1.0F);
  int64_t found = 0;
  for (size_t r = 0; r < row_thresholds.size(); ++r) {
    const float* distances = tile + static_cast<int64_t>(r) * kTileRows;
    const float row_threshold = row_thresholds[r];
    for (int64_t begin = 0; begin < columns; begin += kPanelRows) {
      int any = 0;
      for (int64_t c = begin; c < begin + kPanelRows; ++c) {
        any |= static_cast<int>(distances[c] <= row_threshold) |
               static_cast<int>(distances[c] <= padded[c]);
      }
      if (any == 0) continue;
      for (int64_t c = begin; c < std::min(begin + kPanelRows, columns); ++c) {
        // Written always, kept if near: a branch here would be guessed wrong half of the time.
        pairs[found] = {static_cast<int16_t>(r), static_cast<int16_t>(c), distances[c]};
        found += static_cast<int64_t>(distances[c] <= row_threshold) |
                 static_cast<int64_t>(distances[c] <= padded[c]);
      }
    }
  }
  return found;
}

SPIROGRAM_VECTOR_CLONES
int64_t FindNear(const float* distances, int64_t columns, float threshold, int16_t* found) {
  int64_t count = 0;
  for (int64_t begin = 0; begin < columns; begin += kPanelRows) {
    int any = 0;
    for (int64_t c = begin; c < begin + kPanelRows; ++c) {
      any |= static_cast<int>(distances[c] <= threshold);
    }
    if (any == 0) continue;
    for (int64_t c = begin; c < std::min(begin + kPanelRows, columns); ++c) {
      found[count] = static_cast<int16_t>(c);
      count += static_cast<int64_t>(distances[c] <= threshold);
    }
  }
  return count;
}

}  // namespace spirogram::projector
