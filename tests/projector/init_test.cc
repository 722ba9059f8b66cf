#include "projector/init.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

double StddevOf(std::span<const float> axis) {
  double sum = 0;
  for (const float value : axis) sum += double{value} * value;
  return std::sqrt(sum / static_cast<double>(axis.size()));
}

TEST(InitTest, ScalesTheFirstComponentToTheStandardDeviation) {
  const auto map = PcaInit(Gaussian(500, 10, 1).view(), {.components = 2}, {});
  ASSERT_TRUE(map.ok());
  EXPECT_NEAR(StddevOf(map->axis(0)), kInitStddev, 0.01 * kInitStddev);
  EXPECT_LE(StddevOf(map->axis(1)), StddevOf(map->axis(0)));
}

TEST(InitTest, FollowsTheComponents) {
  const Matrix matrix = Gaussian(50, 4, 2);
  const auto pca = Pca(matrix.view(), {2, 1});
  const auto map = PcaInit(matrix.view(), {.components = 2}, {});
  const double scale = StddevOf(map->axis(0)) / kInitStddev;
  EXPECT_NEAR(scale, 1, 0.01);
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_GT(map->axis(0)[i] * pca->coordinates[2 * i], -1e-6F);
  }
}

TEST(InitTest, SpreadsPointsThatAreAllOneOverBothAxes) {
  const auto map = PcaInit(Zeros(100, 3).view(), {.components = 2}, {});
  ASSERT_TRUE(map.ok());
  EXPECT_NEAR(StddevOf(map->axis(0)), kInitStddev, 0.3 * kInitStddev);
  EXPECT_NEAR(StddevOf(map->axis(1)), kInitStddev, 0.3 * kInitStddev);
}

TEST(InitTest, SpreadsALineOverTheSecondAxis) {
  Matrix line = Zeros(100, 1);
  for (int64_t i = 0; i < 100; ++i) line.at(i, 0) = static_cast<float>(i);
  const auto map = PcaInit(line.view(), {.components = 2}, {});
  ASSERT_TRUE(map.ok());
  EXPECT_GT(StddevOf(map->axis(1)), 0.5 * kInitStddev);
}

TEST(InitTest, RandomPointsDifferBySeedAndAreAllDistinct) {
  const MapPoints map = RandomInit(1000, 2, 5);
  EXPECT_EQ(map.values, RandomInit(1000, 2, 5).values);
  EXPECT_NE(map.values, RandomInit(1000, 2, 6).values);
  std::set<std::pair<float, float>> places;
  for (size_t i = 0; i < 1000; ++i) places.emplace(map.axis(0)[i], map.axis(1)[i]);
  EXPECT_EQ(places.size(), 1000U);
}

}  // namespace
}  // namespace spirogram::projector
