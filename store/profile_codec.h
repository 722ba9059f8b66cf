// A chunk of profile slices as columns:
//
//   uint8   format, 1
//   uint32  count
//   planes  kind, name id, start_ns (zigzag differences), duration_ns, step (zigzag differences),
//           correlation id (zigzag differences), stream      (byte_planes.h)
//
// in the envelope of blob_codec.h. Names stand once per run in the table profile_names.
#pragma once

#include <span>
#include <string>
#include <string_view>

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

}  // namespace spirogram::store
