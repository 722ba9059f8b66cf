// A chunk of profile slices as columns:
//
//   uint8   format, 1
//   uint32  count
//   planes  kind, name id, start_ns (zigzag differences), duration_ns, step (zigzag differences),
//           correlation id (zigzag differences), stream      (byte_planes.h)
//
// in the envelope of blob_codec.h. Names stand once per run in the table profile_names.
//
// The totals of a chunk's kernels, in the same way:
//
//   uint8   format, 1
//   uint32  count of names
//   planes  name id, kind, count, total_ns (bits of a float64), max_ns
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::store {

inline constexpr size_t kChunkSlicesMax = 65'536;

// `slices.name` holds name ids; `slices.names` is not used. REQUIRES: 0 < size <= kChunkSlicesMax.
std::string EncodeProfileChunk(const ProfileSlices& slices);

// Appends the chunk's slices, with name ids in `name`.
Status DecodeProfileChunk(std::string_view chunk, ProfileSlices* slices);

// Appends slice `i` of `from`, with another name.
void AppendSlice(const ProfileSlices& from, size_t i, uint32_t name, ProfileSlices* to);

struct KernelTime {
  int64_t count = 0;
  double total_ns = 0;
  int64_t max_ns = 0;

  bool operator==(const KernelTime&) const = default;
};
using KernelKey = std::pair<uint32_t, ProfileSlices::Kind>;  // name id, kind
using KernelTimes = std::map<KernelKey, KernelTime>;

// REQUIRES: 0 < size <= kChunkSlicesMax.
std::string EncodeKernelTimes(const KernelTimes& times);

// Adds what `bytes` holds to `times`.
Status DecodeKernelTimes(std::string_view bytes, KernelTimes* times);

// Adds `more` of the same name and kind.
void AddKernelTime(const KernelTime& more, KernelTime* time);

}  // namespace spirogram::store
