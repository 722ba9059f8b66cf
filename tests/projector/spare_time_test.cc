#include "projector/spare_time.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace spirogram::projector {
namespace {

constexpr CpuTimes kStart{.normal = 1000, .low = 500, .idle = 2000};

CpuTimes After(int64_t normal, int64_t low, int64_t idle) {
  return {.normal = kStart.normal + normal, .low = kStart.low + low, .idle = kStart.idle + idle};
}

TEST(ParseCpuTimesTest, AddsUpTheColumns) {
  const CpuTimes times = ParseCpuTimes("cpu  100 20 30 4000 50 6 7 8 9 10");
  EXPECT_EQ(times.normal, 100 + 30 + 6 + 7);
  EXPECT_EQ(times.low, 20);
  EXPECT_EQ(times.idle, 4050);
}

TEST(ParseCpuTimesTest, KnowsNothingFromAnotherLine) {
  for (const char* line : {"", "cpu", "cpu ", "cpu0 1 2 3 4 5 6 7 8", "cpu  1 2 3", "cpu  1 x 3",
                           "cpu  99999999999999999999 2 3 4 5 6 7 8", "intr 5"}) {
    const CpuTimes times = ParseCpuTimes(line);
    EXPECT_EQ(times.normal + times.low + times.idle, 0) << line;
  }
}

TEST(NextShareTest, FallsWhereAProgramWantsEveryCore) {
  double share = 1;
  for (int look = 0; look < 100; ++look) {
    const double next = NextShare(share, kStart, After(18, 1, 1), 2);
    EXPECT_LE(next, share);
    share = next;
  }
  EXPECT_EQ(share, kShareMin);
}

TEST(NextShareTest, RisesToAllWhereTheMachineIdles) {
  double share = kShareMin;
  for (int look = 0; look < 100; ++look) share = NextShare(share, kStart, After(2, 8, 10), 2);
  EXPECT_EQ(share, 1);
}

TEST(NextShareTest, KeepsAllOfAMachineThatIsOtherwiseAtRest) {
  EXPECT_EQ(NextShare(1, kStart, After(0, 20, 0), 2), 1);
}

// A program on one of two cores: what the map takes of the other settles near it.
TEST(NextShareTest, TakesTheCoreThatIsLeft) {
  double share = 1;
  double sum = 0;
  for (int look = 0; look < 1000; ++look) {
    const auto low = static_cast<int64_t>(std::min(1000.0, 2000 * share));
    share = NextShare(share, kStart, After(1000, low, 1000 - low), 2);
    sum += std::min(1.0, 2 * share);
  }
  EXPECT_GT(sum / 1000, 0.6);
  EXPECT_LT(sum / 1000, 0.8);
}

TEST(NextShareTest, StaysWhereNoTimePassed) {
  EXPECT_EQ(NextShare(0.5, kStart, kStart, 2), 0.5);
}

TEST(SpareTimeTest, TakesAllWhereTheMachineCannotBeSeen) {
  EXPECT_EQ(SpareTime("/no/such/file").Share(), 1);
}

TEST(SpareTimeTest, TakesAllAtTheFirstLook) {
  EXPECT_EQ(SpareTime().Share(), 1);
}

}  // namespace
}  // namespace spirogram::projector
