// The envelope of every BLOB that this folder writes:
//
//   uint32  CRC-32C of all that follows      SQLite has no checksums of its own
//   uint8   method: 0 as it is, 1 zstd
//   uint64  length of the content
//   byte[]  the content, compressed by the method
//
// Discarded: zstd's own frame checksum, which covers only the content and only one method.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::store {

enum class Compression { kNone, kZstd };

// A value before it gets its envelope, and how that is to compress it.
struct Content {
  std::string bytes;
  Compression compression = Compression::kNone;
};

// The content in its envelope. kZstd falls back to kNone where that is not longer.
std::string PackBlob(std::string_view content, Compression compression);

// kCorruption when the bytes are not exactly what PackBlob wrote.
Result<std::string> UnpackBlob(std::string_view blob);

}  // namespace spirogram::store
