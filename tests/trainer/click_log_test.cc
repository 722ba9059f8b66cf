#include "trainer/click_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "trainer/metrics.h"

namespace spirogram::trainer {
namespace {

using ::testing::HasSubstr;

ClickLogOptions Small() {
  ClickLogOptions options;
  options.users = 200;
  options.items = 100;
  options.impressions = 20'000;
  return options;
}

TEST(ClickLogTest, IsTheSameForTheSameSeedOnly) {
  ClickLogOptions options = Small();
  const auto first = GenerateClickLog(options);
  const auto again = GenerateClickLog(options);
  options.seed = 2;
  const auto other = GenerateClickLog(options);
  ASSERT_TRUE(first.ok() && again.ok() && other.ok());
  EXPECT_EQ(first->user, again->user);
  EXPECT_EQ(first->label, again->label);
  EXPECT_NE(first->user, other->user);
}

TEST(ClickLogTest, ClicksFollowTheTrueProbability) {
  const auto log = GenerateClickLog(Small());
  ASSERT_TRUE(log.ok());
  const double clicks = std::accumulate(log->label.begin(), log->label.end(), 0.0);
  const double expected =
      std::accumulate(log->click_probability.begin(), log->click_probability.end(), 0.0);
  EXPECT_NEAR(clicks / expected, 1, 0.03);
  EXPECT_GT(clicks, 0.1 * 20'000);
  EXPECT_LT(clicks, 0.6 * 20'000);
}

TEST(ClickLogTest, PopularItemsAreSeenFarMoreOftenThanRareOnes) {
  const auto log = GenerateClickLog(Small());
  ASSERT_TRUE(log.ok());
  std::vector<int> counts(10);
  for (const int32_t item : log->item) {
    ++counts[static_cast<size_t>(log->item_popularity_decile[static_cast<size_t>(item)])];
  }
  EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end()));
  EXPECT_GT(counts[9], 5 * counts[0]);
}

TEST(ClickLogTest, NewUsersAreSeenLessOften) {
  const auto log = GenerateClickLog(Small());
  ASSERT_TRUE(log.ok());
  const auto new_users = std::count(log->user_is_new.begin(), log->user_is_new.end(), 1);
  const auto seen = std::count_if(log->user.begin(), log->user.end(), [&](int32_t user) {
    return log->user_is_new[static_cast<size_t>(user)] == 1;
  });
  EXPECT_GT(new_users, 20);
  EXPECT_LT(static_cast<double>(seen) / 20'000, static_cast<double>(new_users) / 200 / 2);
}

TEST(ClickLogTest, BayesAucLeavesRoomForAModel) {
  const auto log = GenerateClickLog(Small());
  ASSERT_TRUE(log.ok());
  const double auc = BayesAuc(*log);
  std::printf("AUC of the true click probabilities: %.4f\n", auc);
  EXPECT_GT(auc, 0.8);
  EXPECT_LT(auc, 0.95);
}

TEST(ClickLogTest, RefusesOptionsThatMakeNoSenseByName) {
  ClickLogOptions options = Small();
  options.items = 0;
  EXPECT_THAT(GenerateClickLog(options).error().message, HasSubstr("items: got 0"));
  options = Small();
  options.validation_share = 1;
  EXPECT_THAT(GenerateClickLog(options).error().message, HasSubstr("validation_share: got 1"));
}

TEST(AreaUnderRocTest, IsTheShareOfPairsInTheRightOrder) {
  const std::vector<float> labels = {0, 0, 1, 1};
  EXPECT_EQ(AreaUnderRoc(std::vector<float>{1, 2, 3, 4}, labels), 1);
  EXPECT_EQ(AreaUnderRoc(std::vector<float>{4, 3, 2, 1}, labels), 0);
  EXPECT_EQ(AreaUnderRoc(std::vector<float>{1, 3, 2, 4}, labels), 0.75);
}

TEST(AreaUnderRocTest, CountsTiesHalf) {
  const std::vector<float> labels = {0, 1, 0, 1};
  EXPECT_EQ(AreaUnderRoc(std::vector<float>{1, 1, 1, 1}, labels), 0.5);
}

TEST(AreaUnderRocTest, IsNotANumberWithoutBothClasses) {
  EXPECT_TRUE(std::isnan(AreaUnderRoc(std::vector<float>{1, 2}, std::vector<float>{1, 1})));
  EXPECT_TRUE(std::isnan(AreaUnderRoc({}, {})));
}

// A model that has diverged ranks nothing: each NaN would count as a score of its own.
TEST(AreaUnderRocTest, IsNotANumberOfScoresThatAreNone) {
  const std::vector<float> labels = {0, 1, 0, 1};
  EXPECT_TRUE(std::isnan(AreaUnderRoc(std::vector<float>(4, NAN), labels)));
  EXPECT_TRUE(std::isnan(AreaUnderRoc(std::vector<float>{0.5f, NAN, 0.25f, 1}, labels)));
}

}  // namespace
}  // namespace spirogram::trainer
