#include "diagnosis/scalar_track.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace spirogram::diagnosis {
namespace {

void AddConstant(ScalarTrack* track, Step from, Step to, double value) {
  for (Step step = from; step < to; ++step) track->Add(step, value, value);
}

TEST(ScalarTrackTest, FindsASpikeAndSaysWhatWasUsual) {
  ScalarTrack track;
  AddConstant(&track, 0, 100, 0.002);
  track.Add(100, 0.14, 0.14);
  AddConstant(&track, 101, 150, 0.002);
  const auto jump = track.LargestJump(50, 150);
  ASSERT_TRUE(jump.has_value());
  EXPECT_EQ(jump->step, 100);
  EXPECT_DOUBLE_EQ(jump->value, 0.14);
  EXPECT_NEAR(jump->usual, 0.002, 1e-9);
  EXPECT_GT(jump->z, 6);
}

TEST(ScalarTrackTest, FindsNoSpikeInNoise) {
  ScalarTrack track;
  for (Step step = 0; step < 2'000; ++step) {
    const double value = 1e-3 * std::exp(0.3 * std::sin(static_cast<double>(step * step)));
    track.Add(step, value, value);
  }
  EXPECT_FALSE(track.LargestJump(INT64_MIN, INT64_MAX).has_value());
}

TEST(ScalarTrackTest, FindsNoSpikeInAWarmUp) {
  ScalarTrack track;
  for (Step step = 0; step < 500; ++step) {
    track.Add(step, 1e-6 * static_cast<double>(step + 50), 1e-6 * static_cast<double>(step + 50));
  }
  EXPECT_FALSE(track.LargestJump(INT64_MIN, INT64_MAX).has_value());
}

TEST(ScalarTrackTest, SeesThePeakBehindTheMeanOfManyPoints) {
  ScalarTrack track;
  AddConstant(&track, 0, 50, 0.002);
  track.Add(50, 0.003, 0.5);
  EXPECT_TRUE(track.LargestJump(50, 50).has_value());
}

TEST(ScalarTrackTest, LooksOnlyWhereItIsAsked) {
  ScalarTrack track;
  AddConstant(&track, 0, 50, 0.002);
  track.Add(50, 0.5, 0.5);
  EXPECT_FALSE(track.LargestJump(51, 100).has_value());
  EXPECT_FALSE(track.LargestJump(0, 49).has_value());
}

TEST(ScalarTrackTest, TakesALastingJumpForTheNewLevel) {
  ScalarTrack track;
  AddConstant(&track, 0, 200, 0.001);
  AddConstant(&track, 200, 400, 0.1);
  EXPECT_TRUE(track.LargestJump(200, 210).has_value());
  EXPECT_FALSE(track.LargestJump(230, 400).has_value());
}

TEST(ScalarTrackTest, IgnoresWhatIsNoMagnitude) {
  ScalarTrack track;
  const double bad[] = {std::nan(""), std::numeric_limits<double>::infinity(), -1};
  for (int i = 0; i < 100; ++i) track.Add(i, bad[i % 3], bad[(i + 1) % 3]);
  EXPECT_TRUE(track.history().empty());
  EXPECT_TRUE(std::isnan(track.latest()));
}

TEST(ScalarTrackTest, ZeroIsAValueButNoMeasure) {
  ScalarTrack track;
  AddConstant(&track, 0, 100, 0);
  EXPECT_EQ(track.latest(), 0);
  track.Add(100, 0.1, 0.1);
  EXPECT_FALSE(track.LargestJump(0, 200).has_value());
}

}  // namespace
}  // namespace spirogram::diagnosis
