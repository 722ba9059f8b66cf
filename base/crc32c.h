// CRC-32C (Castagnoli, RFC 3720 appendix B.4) and the mask that TFRecord files put over it.
// Uses SSE4.2 where the CPU has it and a table otherwise; both give the same answer.
#pragma once

#include <cstdint>
#include <string_view>

namespace spirogram {

// The CRC of `previous`'s bytes followed by `data`. Crc32c(x) is the CRC of x alone.
uint32_t Crc32c(std::string_view data, uint32_t previous = 0);

// The same by table, for machines without SSE4.2 and for the test that compares the two.
uint32_t Crc32cPortable(std::string_view data, uint32_t previous = 0);

// A CRC stored beside the data it covers is masked, because the CRC of a string that contains its
// own CRC is problematic: rotate right by 15 and add a constant.
constexpr uint32_t MaskCrc(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

inline uint32_t MaskedCrc32c(std::string_view data) {
  return MaskCrc(Crc32c(data));
}

}  // namespace spirogram
