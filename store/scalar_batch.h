// Scalars in a compact form for clients without protobuf, and the records that they become.
// Little-endian, nothing aligned:
//
//   byte[4]     "SPS1"
//   uint32      T, number of tags
//   T times     uint16 length, byte[length] tag in UTF-8
//   uint32      N, number of points
//   uint32[N]   tag, an index into the tags
//   int64[N]    step
//   float64[N]  wall time, seconds since the epoch, finite
//   float64[N]  value: NaN and infinities are values
//
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace spirogram::store {

struct ScalarBatch {
  std::vector<std::string_view> tags;  // point into the parsed bytes
  std::vector<uint32_t> tag;           // by point; the columns have one length, at least 1
  std::vector<Step> step;
  std::vector<WallTime> wall_time;
  std::vector<double> value;
};

// kInvalidArgument says what does not fit. Allocates no more than a small multiple of `bytes`.
Result<ScalarBatch> ParseScalarBatch(std::string_view bytes);

// Framed events in the order of the points; neighbours of one step and wall time share an event.
// Values stay float64. The first value of each tag says that it is a scalar.
std::string ScalarRecords(const ScalarBatch& batch);

// The first record of an event file.
void AppendFileVersion(WallTime wall_time, std::string* records);

// An event without a value that ends a batch: `batches` is how many the file then holds.
void AppendBatchEnd(uint64_t batches, WallTime wall_time, std::string* records);
// The number, where `event` is one that AppendBatchEnd wrote.
std::optional<uint64_t> ParseBatchEnd(std::string_view event);

}  // namespace spirogram::store
