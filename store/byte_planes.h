// Columns of integers as byte planes: all lowest bytes, then all second bytes, and so on, only as
// many planes as the widest number needs. What differs little between neighbours is delta-coded
// first, so that the high planes vanish and zstd finds the low ones short. Noise stays noise: a
// float32 mantissa costs its three bytes in any scheme, and this one is the fastest we measured.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace spirogram::store {

// Signed differences as small unsigned numbers: 0, -1, 1, -2 become 0, 1, 2, 3. Wraps, never
// overflows.
constexpr uint64_t ZigZag(uint64_t difference) {
  return (difference << 1) ^ (uint64_t{0} - (difference >> 63));
}
constexpr uint64_t UnZigZag(uint64_t value) {
  return (value >> 1) ^ (uint64_t{0} - (value & 1));
}

// In place: each number becomes its zigzag difference to the one before; the first to 0.
void DeltaEncode(std::span<uint64_t> values);
void DeltaDecode(std::span<uint64_t> values);

// Appends one byte, the number of planes P (0 to 8), then P * values.size() bytes.
void AppendPlanes(std::span<const uint64_t> values, std::string* out);

// Reads what AppendPlanes wrote from the front of `bytes` and advances it. False when the bytes are
// too few; nothing is allocated for numbers that are not there.
bool ReadPlanes(std::string_view* bytes, std::span<uint64_t> values);

}  // namespace spirogram::store
