// Summaries of consecutive points, so that a long series is drawn without decoding it: one per
// block, in the columns of scalar_blocks, and 16 below it for each full block.
//
// A pyramid is a BLOB (blob_codec.h) of kPyramidFactor summaries, each: uint32 count, uint32
// nonfinite, int64 min_step, int64 max_step, float64 last_wall_time, min, max, sum, uint8
// is_sorted.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "store/block_codec.h"

namespace spirogram::store {

inline constexpr size_t kPyramidFactor = 16;

struct Summary {
  uint32_t count = 0;
  uint32_t nonfinite = 0;
  Step min_step = 0;
  Step max_step = 0;
  WallTime last_wall_time = 0;
  // Over the finite values; NaN where there are none.
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  bool is_sorted = true;  // steps never fall
};

// REQUIRES: count > 0.
Summary Summarize(const ScalarPoints& points, size_t from, size_t count);

// Empty where `count` points are no full block.
std::string EncodePyramid(const ScalarPoints& points, size_t from, size_t count);
Result<std::vector<Summary>> DecodePyramid(std::string_view blob);

// kCorruption unless the block can be read and holds the points that its summary and its pyramid
// are of.
Status CheckBlock(std::string_view block, std::string_view pyramid, const Summary& stated);

}  // namespace spirogram::store
