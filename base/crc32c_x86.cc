#include "base/crc32c_x86.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "base/crc32c_polynomial.h"

namespace spirogram::crc32c {
namespace {

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// The instruction of SSE4.2 takes three cycles and one can start in each, so a long input is read
// at three places at once. The CRC of the first place, moved on over the bytes of the second by a
// table, is then joined with that of the second: a CRC is linear.
constexpr size_t kStripeBytes = 1024;

using Shift = std::array<std::array<uint32_t, 256>, 4>;

// shift[k][b]: the CRC state b << 8k after kStripeBytes zero bytes.
constexpr Shift MakeShift() {
  constexpr uint32_t kOverStripe = PowerOfX(8 * kStripeBytes);
  Shift shift{};
  for (size_t k = 0; k < 4; ++k) {
    for (uint32_t b = 0; b < 256; ++b) shift[k][b] = Product(b << (8 * k), kOverStripe);
  }
  return shift;
}

constexpr Shift kShift = MakeShift();

uint32_t ShiftStripe(uint64_t crc) {
  return kShift[0][crc & 255] ^ kShift[1][crc >> 8 & 255] ^ kShift[2][crc >> 16 & 255] ^
         kShift[3][crc >> 24 & 255];
}

__attribute__((target("sse4.2"))) uint32_t UpdateByStripes(std::string_view data,
                                                           uint32_t previous) {
  uint64_t crc = ~previous;
  const char* p = data.data();
  size_t left = data.size();
  for (; left >= 3 * kStripeBytes; left -= 3 * kStripeBytes, p += 3 * kStripeBytes) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < kStripeBytes; i += 8) {
      crc = _mm_crc32_u64(crc, Load<uint64_t>(p + i));
      second = _mm_crc32_u64(second, Load<uint64_t>(p + kStripeBytes + i));
      third = _mm_crc32_u64(third, Load<uint64_t>(p + 2 * kStripeBytes + i));
    }
    crc = ShiftStripe(ShiftStripe(crc) ^ second) ^ third;
  }
  for (; left >= 8; left -= 8, p += 8) crc = _mm_crc32_u64(crc, Load<uint64_t>(p));
  auto crc32 = static_cast<uint32_t>(crc);
  if ((left & 4) != 0) crc32 = _mm_crc32_u32(crc32, Load<uint32_t>(p)), p += 4;
  if ((left & 2) != 0) crc32 = _mm_crc32_u16(crc32, Load<uint16_t>(p)), p += 2;
  if ((left & 1) != 0) crc32 = _mm_crc32_u8(crc32, static_cast<uint8_t>(*p));
  return ~crc32;
}

// Folding, by the carry-less multiplication of AVX-512 (V. Gopal et al., "Fast CRC Computation for
// Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009): each 128 bits are multiplied with
// what takes them 256 bytes forward, and added to what stands there. The 256 bytes that are left of
// a long input have the same CRC.
#define SPIROGRAM_FOLDS __attribute__((target("avx512f,vpclmulqdq,sse4.2")))
constexpr size_t kRegisters = 4;
constexpr size_t kRegisterBytes = 64;
constexpr size_t kFoldBytes = kRegisters * kRegisterBytes;
// From here on it is faster than stripes.
constexpr size_t kFoldedBytesMin = 4 * kFoldBytes;

// A factor for 64 bits, as the upper half of 64. The product of two reflected numbers comes out
// multiplied with x.
constexpr int64_t FoldFactor(int64_t exponent) {
  return static_cast<int64_t>(uint64_t{PowerOfX(exponent - 1)} << 32);
}

SPIROGRAM_FOLDS __m512i Fold(__m512i sum, __m512i factors, __m512i next) {
  constexpr int kXorOfAll = 0x96;
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(sum, factors, 0x00),
                                   _mm512_clmulepi64_epi128(sum, factors, 0x11), next, kXorOfAll);
}

SPIROGRAM_FOLDS uint32_t UpdateByFolds(std::string_view data, uint32_t previous) {
  if (data.size() < kFoldedBytesMin) return UpdateByStripes(data, previous);
  // The first half of 128 bits is x^64 further from the end than the second.
  constexpr int64_t kFirst = FoldFactor(8 * kFoldBytes + 64);
  constexpr int64_t kSecond = FoldFactor(8 * kFoldBytes);
  const __m512i factors = _mm512_set4_epi64(kSecond, kFirst, kSecond, kFirst);
  const char* p = data.data();
  __m512i sums[kRegisters];
  for (size_t i = 0; i < kRegisters; ++i) sums[i] = _mm512_loadu_si512(p + i * kRegisterBytes);
  // A state is as good as added to the first bits, behind no state.
  const __m128i state = _mm_cvtsi32_si128(static_cast<int>(~previous));
  sums[0] = _mm512_xor_si512(sums[0], _mm512_zextsi128_si512(state));
  constexpr uint32_t kNoState = ~uint32_t{0};
  size_t left = data.size() - kFoldBytes;
  for (p += kFoldBytes; left >= kFoldBytes; p += kFoldBytes, left -= kFoldBytes) {
    for (size_t i = 0; i < kRegisters; ++i) {
      sums[i] = Fold(sums[i], factors, _mm512_loadu_si512(p + i * kRegisterBytes));
    }
  }
  char folded[kFoldBytes];
  for (size_t i = 0; i < kRegisters; ++i) _mm512_storeu_si512(folded + i * kRegisterBytes, sums[i]);
  return UpdateByStripes({p, left}, UpdateByStripes({folded, kFoldBytes}, kNoState));
}

// The instruction for CRCs multiplies with x^32 and reduces; the product before it comes out
// multiplied with x.
constexpr Powers kForward = PowersOfX(8, -33);
constexpr Powers kBack = PowersOfX(-8, -33);

__attribute__((target("pclmul,sse4.2"))) uint32_t MoveByProducts(uint32_t crc, int64_t bytes) {
  const Powers& powers = bytes < 0 ? kBack : kForward;
  uint64_t moved = crc;
  auto left = static_cast<uint64_t>(bytes < 0 ? -bytes : bytes);
  for (size_t k = 0; left != 0; ++k, left >>= 1) {
    if ((left & 1) == 0) continue;
    const __m128i factor = _mm_cvtsi32_si128(static_cast<int>(powers[k]));
    const __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(moved)), factor, 0);
    moved = _mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(product)));
  }
  return static_cast<uint32_t>(moved);
}

bool HasStripes() {
  return __builtin_cpu_supports("sse4.2");
}

bool HasFolds() {
  return HasStripes() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq");
}

}  // namespace

UpdateFunction UpdateOfX86() {
  if (HasFolds()) return UpdateByFolds;
  return HasStripes() ? UpdateByStripes : nullptr;
}

MoveFunction MoveOfX86() {
  return HasStripes() && __builtin_cpu_supports("pclmul") ? MoveByProducts : nullptr;
}

}  // namespace spirogram::crc32c

#else

namespace spirogram::crc32c {

UpdateFunction UpdateOfX86() {
  return nullptr;
}

MoveFunction MoveOfX86() {
  return nullptr;
}

}  // namespace spirogram::crc32c

#endif
