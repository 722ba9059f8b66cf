#include "projector/random.h"

#include <gtest/gtest.h>

namespace spirogram::projector {
namespace {

// The state that SplitMix64 makes of seed 0 begins with 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4,
// 0x06c45d188009454f, 0xf88bb8a8724c81ec; the generator's first output follows by its definition.
TEST(RandomTest, FollowsThePublishedAlgorithm) {
  Random random(0);
  const uint64_t sum = 0xe220a8397b1dcdaf + 0xf88bb8a8724c81ec;
  EXPECT_EQ(random.NextBits(), ((sum << 23) | (sum >> 41)) + 0xe220a8397b1dcdaf);
}

TEST(RandomTest, DiffersBySeed) {
  EXPECT_NE(Random(1).NextBits(), Random(2).NextBits());
}

TEST(RandomTest, NormalNumbersHaveMeanZeroAndVarianceOne) {
  Random random(3);
  constexpr int kCount = 100'000;
  double sum = 0;
  double square_sum = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = random.NextNormal();
    sum += value;
    square_sum += value * value;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.02);
  EXPECT_NEAR(square_sum / kCount, 1, 0.02);
}

}  // namespace
}  // namespace spirogram::projector
