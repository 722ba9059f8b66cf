// Randomness with a seed. Every consumer takes a stream of its own from (seed, name), so that a
// change in how much one draws does not change the others.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace spirogram::trainer {

using Random = std::mt19937_64;

// FNV-1a over the name, mixed with the seed.
inline Random RandomStream(uint64_t seed, std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return Random(hash ^ (seed * 0x9e3779b97f4a7c15u));
}

// `count` draws from the normal distribution with mean 0; zeros for a deviation of 0.
inline std::vector<float> NormalValues(size_t count, double deviation, Random& random) {
  std::normal_distribution<double> normal(0, 1);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(deviation * normal(random));
  return values;
}

}  // namespace spirogram::trainer
