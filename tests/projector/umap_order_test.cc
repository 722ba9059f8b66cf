// The order of UMAP's steps, by the dims of its rows.
#include "projector/umap_order.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "projector/quality.h"
#include "projector/umap.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

NeighborGraph Near(const Matrix& matrix, Metric metric = Metric::kEuclidean) {
  ThreadPool pool(2);
  auto graph = NearestNeighbors(matrix.view(), {.neighbors = 14, .metric = metric}, &pool, {}, {});
  EXPECT_TRUE(graph.ok());
  return std::move(graph).value();
}

// The distances of points in a line, each 1 from the next.
NeighborGraph Line(int64_t points) {
  NeighborGraph graph{points, 14, {}, {}, "exact"};
  for (int64_t row = 0; row < points; ++row) {
    for (int j = 0; j < 14; ++j) graph.distances.push_back(static_cast<float>(1 + j / 2));
  }
  return graph;
}

Matrix SwissRoll(int64_t points, uint64_t seed) {
  Matrix matrix = Zeros(points, 3);
  Random random(seed);
  for (int64_t i = 0; i < points; ++i) {
    const double angle = 1.5 * std::numbers::pi * (1 + 2 * random.NextUniform());
    matrix.at(i, 0) = static_cast<float>(angle * std::cos(angle));
    matrix.at(i, 1) = static_cast<float>(21 * random.NextUniform());
    matrix.at(i, 2) = static_cast<float>(angle * std::sin(angle));
  }
  return matrix;
}

TEST(UmapOrderTest, CountsTheDimsThatTheRowsSpreadIn) {
  EXPECT_NEAR(IntrinsicDims(Near(SwissRoll(1500, 1)), Metric::kEuclidean), 2, 0.2);
  EXPECT_NEAR(IntrinsicDims(Near(Gaussian(1500, 3, 1)), Metric::kEuclidean), 3, 0.3);
  EXPECT_GT(IntrinsicDims(Near(Gaussian(1500, 12, 1)), Metric::kEuclidean), 7);
}

TEST(UmapOrderTest, CountsTheSameByAngles) {
  // Directions in three dims lie on a sphere, which has two.
  const Matrix matrix = Gaussian(1500, 3, 1);
  EXPECT_NEAR(IntrinsicDims(Near(matrix, Metric::kCosine), Metric::kCosine), 2, 0.2);
}

TEST(UmapOrderTest, TakesEdgesInTurnForFlatRowsAlone) {
  const NeighborGraph roll = Near(SwissRoll(1500, 1));
  const NeighborGraph cloud = Near(Gaussian(1500, 4, 1));
  EXPECT_EQ(UmapOrderFor(roll, Metric::kEuclidean, 2), UmapOrder::kEdgesInTurn);
  EXPECT_EQ(UmapOrderFor(cloud, Metric::kEuclidean, 2), UmapOrder::kPointsAtOnce);
  EXPECT_EQ(UmapOrderFor(Near(Gaussian(1500, 3, 1)), Metric::kEuclidean, 3),
            UmapOrder::kEdgesInTurn);
}

TEST(UmapOrderTest, LeavesManyPointsToAllThreads) {
  EXPECT_EQ(UmapOrderFor(Line(kPointsInTurnMax), Metric::kEuclidean, 2), UmapOrder::kEdgesInTurn);
  EXPECT_EQ(UmapOrderFor(Line(kPointsInTurnMax + 1), Metric::kEuclidean, 2),
            UmapOrder::kPointsAtOnce);
}

TEST(UmapOrderTest, MovesPointsAtOnceWhereNoDistanceTells) {
  EXPECT_EQ(UmapOrderFor(Near(Zeros(50, 3)), Metric::kEuclidean, 2), UmapOrder::kPointsAtOnce);
  const NeighborGraph one{2, 1, {1, 0}, {1, 1}, "exact"};
  EXPECT_EQ(UmapOrderFor(one, Metric::kEuclidean, 2), UmapOrder::kPointsAtOnce);
}

TEST(UmapOrderTest, KeepsTheNeighboursOfASheet) {
  const Matrix matrix = SwissRoll(1500, 1);
  ThreadPool pool(2);
  double recall = 0;
  for (const uint64_t seed : {1, 2, 3}) {
    UmapOptions options;
    options.threads = 2;
    options.seed = seed;
    const auto map = Umap(matrix.view(), options, {}, {});
    ASSERT_TRUE(map.ok());
    const auto quality =
        JudgeMap(matrix.view(), {map->coordinates, 1500, 2}, nullptr, {}, {}, &pool, {}, {});
    ASSERT_TRUE(quality.ok());
    recall += quality->recall_10.value / 3;
  }
  EXPECT_GT(recall, 0.76);  // umap-learn 0.77; points at once 0.74
}

TEST(UmapOrderTest, GivesTheSameBitsForASheetOnAnyNumberOfThreads) {
  const Matrix matrix = SwissRoll(700, 1);
  UmapOptions options;
  options.epochs = 60;
  for (const int dims : {2, 3}) {
    options.dims = dims;
    options.threads = 1;
    const auto one = Umap(matrix.view(), options, {}, {});
    options.threads = 3;
    const auto three = Umap(matrix.view(), options, {}, {});
    ASSERT_TRUE(one.ok() && three.ok());
    EXPECT_EQ(one->coordinates, three->coordinates);
  }
}

}  // namespace
}  // namespace spirogram::projector
