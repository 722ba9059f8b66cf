// Matrices in binary files. What a header declares is compared with the file's size before anything
// is allocated for it. Stateless.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "mapping/table.h"

namespace spirogram::mapping {

// The ending of a name in lower case, with its dot: ".npy". Empty where it has none.
std::string EndingOf(const std::string& path);

// "1000x64": both at least 1. kInvalidArgument otherwise.
Result<std::pair<int64_t, int64_t>> ParseShape(std::string_view text);

// NumPy's format: a real array of rank 2, of either order and either byte order, as float32. Errors
// name the file and both sides: kCorruption, kExhausted (more than `bytes_max` in memory),
// kCancelled.
Result<Table> ReadNpyTable(const std::string& path, int64_t bytes_max, const std::stop_token& stop);
// Little-endian float32, row by row, and nothing else.
Result<Table> ReadRawTable(const std::string& path, std::string_view shape, int64_t bytes_max,
                           const std::stop_token& stop);

}  // namespace spirogram::mapping
