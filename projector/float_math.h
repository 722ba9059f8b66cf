// Exponentials and powers in float32 by plain arithmetic: a loop over lanes of them becomes vector
// code, and every processor gives the same bits, which the C library does not promise.
#pragma once

#include <bit>
#include <cstdint>

#include "base/lanes.h"

namespace spirogram::projector {

// exp(x) for x <= 0 to about 2 units in the last place; 0 where exp(x) is subnormal.
[[gnu::always_inline]] inline float ExpOfNegative(float x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  constexpr float kSmallest = -87.0F;
  const float clamped = x < kSmallest ? kSmallest : x;
  const float shifted = clamped * kLog2E + kRound;
  const float power = shifted - kRound;
  const float r = (clamped - power * kLn2High) - power * kLn2Low;
  float sum = 1.0F / 5040;
  sum = sum * r + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const auto exponent = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kRound);
  const float scale = std::bit_cast<float>((exponent + 127) << 23);
  return x < kSmallest ? 0.0F : sum * scale;
}

// The functions below take a float, or eight in a vector (lanes.h).
template <typename Float>
struct BitsOf {
  using Int = int32_t;
};
template <>
struct BitsOf<Float8> {
  using Int = Int8;
};

// log2(x) for a normal x > 0, to about 1e-6 of the larger of it and 1.
template <typename Float>
[[gnu::always_inline]] inline Float Log2(const Float& x) {
  using Int = typename BitsOf<Float>::Int;
  constexpr int32_t kRootHalf = 0x3F3504F3;  // sqrt(1/2): the mantissa lies within a factor of 2
  const auto bits = std::bit_cast<Int>(x);
  const Int exponent = (bits - kRootHalf) >> 23;
  const auto mantissa = std::bit_cast<Float>(bits - exponent * (1 << 23));
  // ln m = 2 artanh((m - 1) / (m + 1)), whose argument is at most 0.172.
  const Float t = (mantissa - 1.0F) / (mantissa + 1.0F);
  const Float square = t * t;
  Float sum = square * (2.0F / 9) + 2.0F / 7;
  sum = sum * square + 2.0F / 5;
  sum = sum * square + 2.0F / 3;
  sum = sum * square + 2.0F;
  constexpr float kLog2E = 1.44269504F;
  // An integer below 2^22 beside 1.5 * 2^23 is that of the bits.
  constexpr float kRound = 12582912.0F;
  const Float whole = std::bit_cast<Float>(exponent + std::bit_cast<int32_t>(kRound)) - kRound;
  return whole + t * sum * kLog2E;
}

// 2^x, to about 2 units in the last place; x beyond 126 either way counts as 126.
template <typename Float>
[[gnu::always_inline]] inline Float Exp2(const Float& x) {
  using Int = typename BitsOf<Float>::Int;
  constexpr float kRound = 12582912.0F;  // as above
  constexpr float kLargest = 126.0F;
  constexpr float kLn2 = 0.69314718F;
  const Float low = x < -kLargest ? Float{} - kLargest : x;
  const Float clamped = low > kLargest ? Float{} + kLargest : low;
  const Float shifted = clamped + kRound;
  const Float r = (clamped - (shifted - kRound)) * kLn2;
  Float sum = r * (1.0F / 720) + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const Int exponent = std::bit_cast<Int>(shifted) - std::bit_cast<int32_t>(kRound);
  return sum * std::bit_cast<Float>((exponent + 127) << 23);
}

// x^p for a normal x > 0.
template <typename Float>
[[gnu::always_inline]] inline Float Power(const Float& x, float p) {
  return Exp2<Float>(Log2<Float>(x) * p);
}

}  // namespace spirogram::projector
