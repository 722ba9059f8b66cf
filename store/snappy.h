// Snappy's raw format (format_description.txt of google/snappy), which LevelDB's tables may be
// compressed by. Stateless.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::store {

// Memory grows by what comes out, never by the length that is declared. kCorruption says what does
// not hold; kExhausted where more than `bytes_max` bytes are declared.
Result<std::string> SnappyUncompress(std::string_view compressed, size_t bytes_max);

}  // namespace spirogram::store
