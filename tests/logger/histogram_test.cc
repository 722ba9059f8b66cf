#include "logger/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace spirogram::logger {
namespace {

using ::testing::ElementsAre;

TEST(HistogramTest, CountsEveryFiniteValueOnce) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.1f, 2.0f);
  std::vector<float> values(10'000);
  for (float& value : values) value = normal(random);
  const BucketedValues buckets = BucketValues(values);
  EXPECT_EQ(std::accumulate(buckets.counts.begin(), buckets.counts.end(), 0.0), 10'000);
  EXPECT_EQ(buckets.count, 10'000);
}

// The slow twin: look for each value's bucket by its limits.
TEST(HistogramTest, PutsEveryValueBetweenTheLimitsOfItsBucket) {
  std::mt19937 random(8);
  std::uniform_real_distribution<float> exponent(-45, 45);
  std::vector<float> values;
  for (int i = 0; i < 2'000; ++i) {
    values.push_back((i % 2 == 0 ? 1.0f : -1.0f) * std::exp2(exponent(random)));
  }
  const BucketedValues buckets = BucketValues(values);
  std::vector<double> counts(buckets.counts.size());
  for (const float value : values) {
    size_t i = 0;
    while (static_cast<double>(value) >= buckets.limits[i]) ++i;
    ++counts[i];
  }
  EXPECT_EQ(counts, buckets.counts);
}

TEST(HistogramTest, HasLimitsThatGrowAndEndInDblMax) {
  const std::vector<float> values = {-1e20f, -1, -1e-20f, 0, 1e-5f, 1, 7, FLT_MAX, -FLT_MAX};
  const BucketedValues buckets = BucketValues(values);
  ASSERT_EQ(buckets.limits.size(), buckets.counts.size());
  for (size_t i = 1; i < buckets.limits.size(); ++i) {
    EXPECT_LT(buckets.limits[i - 1], buckets.limits[i]);
  }
  EXPECT_EQ(buckets.limits.back(), DBL_MAX);
}

TEST(HistogramTest, HasBucketsAtMostAnEighthWide) {
  const std::vector<float> values = {1.0f, 1.2f, 1.3f};
  EXPECT_THAT(BucketValues(values).limits, ElementsAre(1.125, 1.25, DBL_MAX));
}

TEST(HistogramTest, KeepsTheGapBetweenFarValuesAsOneEmptyBucket) {
  const std::vector<float> values = {1.0f, 1024.0f};
  const BucketedValues buckets = BucketValues(values);
  EXPECT_THAT(buckets.limits, ElementsAre(1.125, 1024, DBL_MAX));
  EXPECT_THAT(buckets.counts, ElementsAre(1, 0, 1));
}

TEST(HistogramTest, SumsWhatItCounts) {
  const std::vector<float> values = {-1, 2, 3};
  const BucketedValues buckets = BucketValues(values);
  EXPECT_EQ(buckets.min, -1);
  EXPECT_EQ(buckets.max, 3);
  EXPECT_EQ(buckets.sum, 4);
  EXPECT_EQ(buckets.sum_squares, 14);
}

TEST(HistogramTest, LeavesOutNanAndInfinities) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {NAN, infinity, -infinity, 2};
  const BucketedValues buckets = BucketValues(values);
  EXPECT_EQ(buckets.count, 1);
  EXPECT_EQ(buckets.min, 2);
  EXPECT_EQ(buckets.max, 2);
  EXPECT_EQ(buckets.sum, 2);
}

TEST(HistogramTest, IsOneEmptyBucketWithoutFiniteValues) {
  for (const std::vector<float>& values : {std::vector<float>{}, std::vector<float>{NAN, NAN}}) {
    const BucketedValues buckets = BucketValues(values);
    EXPECT_EQ(buckets.count, 0);
    EXPECT_EQ(buckets.min, 0);
    EXPECT_EQ(buckets.max, 0);
    EXPECT_THAT(buckets.limits, ElementsAre(DBL_MAX));
    EXPECT_THAT(buckets.counts, ElementsAre(0));
  }
}

}  // namespace
}  // namespace spirogram::logger
