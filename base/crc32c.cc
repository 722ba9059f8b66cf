#include "base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace spirogram {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41 bit-reversed

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// Tables for slicing by eight: tables[k][b] is the CRC of byte b followed by k zero bytes.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    tables[0][b] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t b = 0; b < 256; ++b) {
      const uint32_t shorter = tables[k - 1][b];
      tables[k][b] = (shorter >> 8) ^ tables[0][shorter & 255];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t Load64(const char* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

#if defined(__x86_64__)
// The instruction takes three cycles and one can start in each, so a long input is read at three
// places at once. The CRC of the first place, moved on over the bytes of the second by a table, is
// then joined with that of the second: a CRC is linear.
constexpr size_t kStripeBytes = 1024;

using Shift = std::array<std::array<uint32_t, 256>, 4>;

// shift[k][b]: the CRC state b << 8k after kStripeBytes zero bytes.
constexpr Shift MakeShift() {
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < 32; ++bit) {
    uint32_t crc = uint32_t{1} << bit;
    for (size_t i = 0; i < kStripeBytes; ++i) crc = (crc >> 8) ^ kTables[0][crc & 255];
    of_bit[bit] = crc;
  }
  Shift shift{};
  for (size_t k = 0; k < 4; ++k) {
    for (size_t b = 0; b < 256; ++b) {
      for (size_t bit = 0; bit < 8; ++bit) {
        if ((b >> bit & 1) != 0) shift[k][b] ^= of_bit[8 * k + bit];
      }
    }
  }
  return shift;
}

constexpr Shift kShift = MakeShift();

uint32_t ShiftStripe(uint64_t crc) {
  return kShift[0][crc & 255] ^ kShift[1][crc >> 8 & 255] ^ kShift[2][crc >> 16 & 255] ^
         kShift[3][crc >> 24 & 255];
}

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

__attribute__((target("sse4.2"))) uint32_t Crc32cSse42(std::string_view data, uint32_t previous) {
  uint64_t crc = ~previous;
  const char* p = data.data();
  size_t left = data.size();
  for (; left >= 3 * kStripeBytes; left -= 3 * kStripeBytes, p += 3 * kStripeBytes) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < kStripeBytes; i += 8) {
      crc = _mm_crc32_u64(crc, Load64(p + i));
      second = _mm_crc32_u64(second, Load64(p + kStripeBytes + i));
      third = _mm_crc32_u64(third, Load64(p + 2 * kStripeBytes + i));
    }
    crc = ShiftStripe(ShiftStripe(crc) ^ second) ^ third;
  }
  for (; left >= 8; left -= 8, p += 8) crc = _mm_crc32_u64(crc, Load64(p));
  auto crc32 = static_cast<uint32_t>(crc);
  if ((left & 4) != 0) crc32 = _mm_crc32_u32(crc32, Load<uint32_t>(p)), p += 4;
  if ((left & 2) != 0) crc32 = _mm_crc32_u16(crc32, Load<uint16_t>(p)), p += 2;
  if ((left & 1) != 0) crc32 = _mm_crc32_u8(crc32, static_cast<uint8_t>(*p));
  return ~crc32;
}

const bool kHaveSse42 = __builtin_cpu_supports("sse4.2");
#endif

// A CRC is a polynomial over GF(2) of degree below 32, with x^0 in bit 31. Behind n zero bytes it
// is its product with x^8n, modulo the polynomial of CRC-32C.
constexpr uint32_t Product(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (; a != 0; a <<= 1) {
    product ^= b & (0 - (a >> 31));
    b = (b >> 1) ^ (kPolynomial & (0 - (b & 1)));
  }
  return product;
}

using Powers = std::array<uint32_t, 64>;

// powers[k] is `x8` to the power of 2^k.
constexpr Powers MakePowers(uint32_t x8) {
  Powers powers{};
  for (uint32_t& power : powers) power = x8, x8 = Product(x8, x8);
  return powers;
}

// x^8, and what gives 1 when it is multiplied with it: 1 / x is (polynomial + 1) / x.
constexpr Powers kForward = MakePowers(uint32_t{1} << 23);
constexpr uint32_t kOverX = kPolynomial << 1 | 1;
constexpr uint32_t kOverX2 = Product(kOverX, kOverX);
constexpr uint32_t kOverX4 = Product(kOverX2, kOverX2);
constexpr Powers kBack = MakePowers(Product(kOverX4, kOverX4));
static_assert(Product(kForward[0], kBack[0]) == uint32_t{1} << 31);

// The CRC moved over `bytes` zero bytes, forward or back.
uint32_t Move(uint32_t crc, size_t bytes, const Powers& powers) {
  for (size_t k = 0; bytes != 0; ++k, bytes >>= 1) {
    if ((bytes & 1) != 0) crc = Product(crc, powers[k]);
  }
  return crc;
}

}  // namespace

uint32_t Crc32cOfMiddle(uint32_t whole, std::string_view before, size_t middle_bytes,
                        std::string_view after) {
  // The CRC of AB is that of A, moved over B, and that of B.
  const uint32_t up_to_after = Move(whole ^ Crc32c(after), after.size(), kBack);
  return up_to_after ^ Move(Crc32c(before), middle_bytes, kForward);
}

uint32_t Crc32cPortable(std::string_view data, uint32_t previous) {
  uint32_t crc = ~previous;
  const char* p = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    const uint64_t word = Load64(p) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 255];
  }
  for (; left > 0; --left, ++p)
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(*p)) & 255];
  return ~crc;
}

uint32_t Crc32c(std::string_view data, uint32_t previous) {
#if defined(__x86_64__)
  if (kHaveSse42) return Crc32cSse42(data, previous);
#endif
  return Crc32cPortable(data, previous);
}

}  // namespace spirogram
