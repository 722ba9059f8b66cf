// A block of a scalar series: up to kBlockPoints points as columns.
//
//   uint8    format, 1
//   uint8    1 when every value is a float32, else 0
//   uint32   count
//   planes   steps: zigzag of the second difference      (byte_planes.h)
//   planes   wall times: zigzag difference of the float64 bits
//   planes   values: the float32 or float64 bits
//
// in the envelope of blob_codec.h. Neighbouring wall times have the same exponent, so the
// difference of their bits is the difference of the times in units of the last place: exact, and
// small. Discarded: XOR of neighbouring values as Gorilla does. Training losses are noise in the
// mantissa, on which it gains nothing.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace spirogram::store {

inline constexpr size_t kBlockPoints = 4096;

// Points in the order in which they were read; all columns have size() entries.
struct ScalarPoints {
  std::vector<Step> step;
  std::vector<WallTime> wall_time;
  std::vector<double> value;

  size_t size() const { return step.size(); }
  void Reserve(size_t count);
  void Clear() { Resize(0); }
  void Resize(size_t count);
  void Append(Step new_step, WallTime new_wall_time, double new_value) {
    step.push_back(new_step);
    wall_time.push_back(new_wall_time);
    value.push_back(new_value);
  }
  void Append(const ScalarPoints& other, size_t from, size_t count);
};

// Whether a float32 has the same value bit for bit. Bits are compared, not numbers: -0.0 and NaN
// payloads are kept too.
inline bool FitsFloat(double value) {
  return std::bit_cast<uint64_t>(static_cast<double>(static_cast<float>(value))) ==
         std::bit_cast<uint64_t>(value);
}

// REQUIRES: from + count <= points.size(), 0 < count <= kBlockPoints.
std::string EncodeBlock(const ScalarPoints& points, size_t from, size_t count);

// Appends the block's points to `points`; on error it is as it was. Bit-exact, NaN payloads
// included.
Status DecodeBlock(std::string_view block, ScalarPoints* points);

}  // namespace spirogram::store
