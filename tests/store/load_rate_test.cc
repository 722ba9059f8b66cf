#include "store/load_rate.h"

#include <gtest/gtest.h>

namespace spirogram::store {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(LoadRateTest, KnowsNothingAtFirst) {
  LoadRate rate;
  EXPECT_FALSE(rate.SecondsLeft(100).has_value());
  rate.Note(0, 0);
  EXPECT_FALSE(rate.SecondsLeft(100).has_value());
  rate.Note(kSecond / 100, 10);
  EXPECT_FALSE(rate.SecondsLeft(100).has_value()) << "a rate over 10 ms is chance";
}

TEST(LoadRateTest, DividesWhatIsLeftByTheRate) {
  LoadRate rate;
  for (int64_t i = 0; i <= 10; ++i) rate.Note(i * kSecond / 10, static_cast<uint64_t>(100 * i));
  EXPECT_NEAR(rate.SecondsLeft(3000).value(), 2, 1e-9);
}

TEST(LoadRateTest, ForgetsHowFastItWasLongAgo) {
  LoadRate rate;
  uint64_t bytes = 0;
  int64_t now = 0;
  for (int i = 0; i < 100; ++i) rate.Note(now += kSecond / 10, bytes += 1000);
  for (int i = 0; i < 100; ++i) rate.Note(now += kSecond / 10, bytes += 10);
  EXPECT_NEAR(rate.SecondsLeft(bytes + 1000).value(), 10, 0.1);
}

TEST(LoadRateTest, HearsOfManySamplesAsOfFew) {
  LoadRate rate;
  for (int64_t i = 0; i <= 100'000; ++i) rate.Note(i * 10'000, static_cast<uint64_t>(i));
  EXPECT_NEAR(rate.SecondsLeft(200'000).value(), 1, 0.01);
}

TEST(LoadRateTest, IsZeroWhenAllIsReadAndUnknownWhileItStandsStill) {
  LoadRate rate;
  rate.Note(0, 50);
  EXPECT_EQ(rate.SecondsLeft(50), 0);
  rate.Note(10 * kSecond, 50);
  EXPECT_FALSE(rate.SecondsLeft(100).has_value());
}

TEST(LoadRateTest, BeginsAnewWhenAFileIsReadAgainFromItsStart) {
  LoadRate rate;
  for (int64_t i = 0; i <= 10; ++i) rate.Note(i * kSecond, static_cast<uint64_t>(1000 * i));
  rate.Note(11 * kSecond, 0);
  EXPECT_FALSE(rate.SecondsLeft(10'000).has_value());
}

}  // namespace
}  // namespace spirogram::store
