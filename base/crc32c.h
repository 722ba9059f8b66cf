// CRC-32C (Castagnoli, RFC 3720 appendix B.4) and the mask that TFRecord files put over it.
// Uses AVX-512 or SSE4.2 where the CPU has it and a table otherwise; all give the same answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spirogram {

// The CRC of `previous`'s bytes followed by `data`. Crc32c(x) is the CRC of x alone.
uint32_t Crc32c(std::string_view data, uint32_t previous = 0);

// The same by table, for machines without SSE4.2 and for the test that compares the two.
uint32_t Crc32cPortable(std::string_view data, uint32_t previous = 0);

// The CRC of the middle of a text whose parts are `before`, then `middle_bytes` bytes, then
// `after`, from the CRC of the whole: for one who has checked the whole already. Takes as long for
// a long middle as for a short one.
uint32_t Crc32cOfMiddle(uint32_t whole, std::string_view before, size_t middle_bytes,
                        std::string_view after);

// A CRC stored beside the data it covers is masked, because the CRC of a string that contains its
// own CRC is problematic: rotate right by 15 and add a constant.
constexpr uint32_t MaskCrc(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

constexpr uint32_t UnmaskCrc(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

inline uint32_t MaskedCrc32c(std::string_view data) {
  return MaskCrc(Crc32c(data));
}

}  // namespace spirogram
