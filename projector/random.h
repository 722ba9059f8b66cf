// Random numbers whose sequence belongs to the seed alone. The distributions of <random> differ
// between standard libraries; a seed must give the same map everywhere.
#pragma once

#include <array>
#include <cstdint>

namespace spirogram::projector {

// xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t NextBits();
  // Uniform in [0, 1), a multiple of 2^-53.
  double NextUniform();
  // Mean 0, variance 1 (Marsaglia's polar method; the second value of each pair is not kept).
  double NextNormal();

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace spirogram::projector
