// Numbers to make measured data of: the same ones with every standard library.
#pragma once

#include <cstdint>

namespace spirogram::bench {

// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [-1, 1).
  double NextSigned() { return static_cast<double>(static_cast<int64_t>(Next())) * 0x1p-63; }

 private:
  uint64_t state_;
};

}  // namespace spirogram::bench
