// Files that a config names: read only where they lie in the config's folder once all links are
// followed. Stateless.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace spirogram::store {

// `path` as it is opened: below `folder` unless it is absolute.
std::string AbsolutePath(const std::string& folder, const std::string& path);

// Opens a regular file in `folder`; kPermission when it lies elsewhere.
Result<RandomAccessFile> OpenConfined(const std::string& folder, const std::string& path);
// Reads a regular file in `folder`. kPermission when it lies elsewhere, kExhausted above
// `bytes_max`.
Result<std::string> ReadConfined(const std::string& folder, const std::string& path,
                                 size_t bytes_max);
// The same of `bytes` from `offset` on; kCorruption when the file ends before.
Result<std::string> ReadConfinedPart(const std::string& folder, const std::string& path,
                                     uint64_t offset, size_t bytes);

}  // namespace spirogram::store
