// The arithmetic behind CRC-32C, for base/crc32c*.cc. A CRC is a polynomial over GF(2) of degree
// below 32, with x^0 in bit 31; behind n zero bytes it is its product with x^8n, modulo the
// polynomial of CRC-32C.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spirogram::crc32c {

inline constexpr uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41 bit-reversed

constexpr uint32_t Product(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (; a != 0; a <<= 1) {
    product ^= b & (0 - (a >> 31));
    b = (b >> 1) ^ (kPolynomial & (0 - (b & 1)));
  }
  return product;
}

// x^exponent, which may be negative: 1 / x is (polynomial + 1) / x.
constexpr uint32_t PowerOfX(int64_t exponent) {
  uint32_t square = exponent < 0 ? kPolynomial << 1 | 1 : uint32_t{1} << 30;
  uint32_t power = uint32_t{1} << 31;
  for (int64_t left = exponent < 0 ? -exponent : exponent; left > 0; left /= 2) {
    if (left % 2 != 0) power = Product(power, square);
    square = Product(square, square);
  }
  return power;
}
static_assert(Product(PowerOfX(33), PowerOfX(-33)) == PowerOfX(0));

using Powers = std::array<uint32_t, 63>;

// powers[k] is x^(2^k * exponent + offset).
constexpr Powers PowersOfX(int64_t exponent, int64_t offset = 0) {
  Powers powers{};
  uint32_t square = PowerOfX(exponent);
  for (uint32_t& power : powers) {
    power = Product(square, PowerOfX(offset));
    square = Product(square, square);
  }
  return powers;
}

// A CRC moved over zero bytes: forward, or back where `bytes` is negative.
inline uint32_t Move(uint32_t crc, int64_t bytes) {
  constexpr Powers kForward = PowersOfX(8);
  constexpr Powers kBack = PowersOfX(-8);
  const Powers& powers = bytes < 0 ? kBack : kForward;
  auto left = static_cast<uint64_t>(bytes < 0 ? -bytes : bytes);
  for (size_t k = 0; left != 0; ++k, left >>= 1) {
    if ((left & 1) != 0) crc = Product(crc, powers[k]);
  }
  return crc;
}

}  // namespace spirogram::crc32c
