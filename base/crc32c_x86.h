// CRC-32C by the instructions of x86-64, for base/crc32c.cc. Elsewhere there is none of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace spirogram::crc32c {

// As Crc32c.
using UpdateFunction = uint32_t (*)(std::string_view data, uint32_t previous);
// As Move of base/crc32c_polynomial.h.
using MoveFunction = uint32_t (*)(uint32_t crc, int64_t bytes);

// The fastest that this processor can; null where it has none of the instructions.
UpdateFunction UpdateOfX86();
MoveFunction MoveOfX86();

}  // namespace spirogram::crc32c
