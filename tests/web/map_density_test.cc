#include "web/map_density.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;

TEST(MapDensityTest, CountsThePointsOfEachPixelWithTheTopFirst) {
  const std::vector<float> map{0.5F, 0.5F, 0.6F, 0.4F, 1.5F, 0.5F, 0.5F, 1.5F, 5, 5};
  const MapDensity density = DensityOf(map, 2, {0, 2, 0, 2, 2, 2});
  EXPECT_THAT(density.counts, ElementsAre(1, 0, 2, 1));
  EXPECT_EQ(density.points, 4);
  EXPECT_EQ(density.most, 2u);
}

TEST(MapDensityTest, LeavesOutWhatIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> map{nan, 0, 0, nan, INFINITY, 0, 0, 0};
  EXPECT_EQ(DensityOf(map, 2, {-1, 1, -1, 1, 4, 4}).points, 1);
  const MapView whole = WholeMap(map, 2, 4, 4);
  EXPECT_LT(whole.x_min, 0);
  EXPECT_GT(whole.x_max, 0);
  EXPECT_TRUE(std::isfinite(whole.x_max));
}

TEST(NearestToTest, FindsTheFirstOfTheNearestFinitePoints) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> map{nan, 0, 5, 5, 1, 2, 1, 2, INFINITY, 1};
  const NearestPoint nearest = NearestTo(map, 2, 1, 1.5);
  EXPECT_EQ(nearest.row, 2);
  EXPECT_EQ(nearest.x, 1);
  EXPECT_EQ(nearest.y, 2);
  EXPECT_EQ(nearest.distance, 0.5);
  const std::vector<float> space{0, 0, 9, 3, 3, 0};
  EXPECT_EQ(NearestTo(space, 3, 1, 1).row, 0) << "depth does not count";
  EXPECT_EQ(NearestTo({}, 2, 0, 0).row, -1);
  EXPECT_EQ(NearestTo(std::vector<float>{nan, 1}, 2, 0, 0).row, -1);
}

TEST(MapDensityTest, LosesNoPointOfTheWholeMap) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(50, 12);
  std::vector<float> map;
  for (int i = 0; i < 30'000; ++i) map.push_back(normal(random));
  for (const int dims : {2, 3}) {
    const MapView view = WholeMap(map, dims, 320, 200);
    EXPECT_NEAR((view.x_max - view.x_min) / 320, (view.y_max - view.y_min) / 200, 1e-9);
    const MapDensity density = DensityOf(map, dims, view);
    EXPECT_EQ(density.points, 30'000 / dims);
    int64_t sum = 0;
    for (const uint16_t count : density.counts) sum += count;
    EXPECT_EQ(sum, density.points);
  }
}

TEST(MapDensityTest, SaysSoWhereAPixelHoldsMoreThanItsNumberCan) {
  const std::vector<float> map(2 * 70'000, 0.5F);
  const MapDensity density = DensityOf(map, 2, {0, 1, 0, 1, 1, 1});
  EXPECT_EQ(density.counts[0], UINT16_MAX);
  EXPECT_EQ(density.most, 70'000u);
  const MapView whole = WholeMap(map, 2, 10, 20);
  EXPECT_EQ(DensityOf(map, 2, whole).points, 70'000);
  EXPECT_EQ(DensityOf({}, 2, WholeMap({}, 2, 5, 5)).points, 0);
}

}  // namespace
}  // namespace spirogram::web
