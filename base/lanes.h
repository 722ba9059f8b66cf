// Vectors of a few numbers that the compiler maps to the registers of each clone
// (base/vector_clones.h): the same operations in the same order whatever their width, so the same
// bits.
#pragma once

#include <cstdint>
#include <cstring>

namespace spirogram {

using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));
using Double4 = double __attribute__((vector_size(32)));
using Int8 = int32_t __attribute__((vector_size(32)));
using UInt8 = uint32_t __attribute__((vector_size(32)));

inline constexpr int kLanes8 = 8;

// Unaligned access to memory of any type.
template <typename Vector>
[[gnu::always_inline]] inline void LoadLanes(const void* from, Vector* to) {
  std::memcpy(to, from, sizeof(Vector));
}
template <typename Vector>
[[gnu::always_inline]] inline void StoreLanes(const Vector& from, void* to) {
  std::memcpy(to, &from, sizeof(Vector));
}

// The lanes in pairs, then pairs of pairs: an order that all widths share.
[[gnu::always_inline]] inline float SumOfLanes(const Float8& v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}
[[gnu::always_inline]] inline float SumOfLanes(const Float4& v) {
  return (v[0] + v[2]) + (v[1] + v[3]);
}

}  // namespace spirogram
