#include "web/row_neighbours.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spirogram::web {
namespace {

store::Embedding Rows(std::vector<float> values, int64_t dims) {
  const auto rows = static_cast<int64_t>(values.size()) / dims;
  return {{0, 0, rows, dims}, std::move(values)};
}

TEST(RowNeighboursTest, AreNearestFirstAndWithoutTheRowItself) {
  const auto found =
      RowNeighbours(Rows({1, 0, 0, 5, 3, 1, -2, 0}, 2), 0, 10, projector::Metric::kCosine);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].row, 2);
  EXPECT_NEAR((*found)[0].distance, 1 - 3 / std::sqrt(10.0), 1e-12);
  EXPECT_EQ((*found)[1].row, 1);
  EXPECT_EQ((*found)[2].row, 3);
  EXPECT_NEAR((*found)[2].distance, 2, 1e-12);
}

TEST(RowNeighboursTest, LeaveOutRowsWithoutDirection) {
  const float nan = std::nanf("");
  const auto found =
      RowNeighbours(Rows({1, 0, 0, 0, nan, 1, 2, 0}, 2), 0, 10, projector::Metric::kCosine);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].row, 3);
  EXPECT_EQ(RowNeighbours(Rows({1, 0, 0, 0}, 2), 1, 10, projector::Metric::kCosine).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(RowNeighboursTest, SurviveHugeValues) {
  const auto found =
      RowNeighbours(Rows({3e38f, 0, 3e38f, 3e38f}, 2), 0, 1, projector::Metric::kCosine);
  ASSERT_TRUE(found.ok());
  EXPECT_NEAR((*found)[0].distance, 1 - std::sqrt(0.5), 1e-6);
}

TEST(RowNeighboursTest, AreByStraightDistanceWhereAsked) {
  const float nan = std::nanf("");
  const auto found = RowNeighbours(Rows({0, 0, 3, 4, 0, 1, nan, 0, 0, 0}, 2), 0, 10,
                                   projector::Metric::kEuclidean);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 3u);  // a row of zeros has a place, one that is no number has none
  EXPECT_EQ((*found)[0].row, 4);
  EXPECT_EQ((*found)[0].distance, 0);
  EXPECT_EQ((*found)[1].row, 2);
  EXPECT_EQ((*found)[2].distance, 5);
  EXPECT_EQ(
      RowNeighbours(Rows({nan, 0, 1, 0}, 2), 0, 1, projector::Metric::kEuclidean).error().code,
      ErrorCode::kInvalidArgument);
}

TEST(RowNeighboursTest, KnowTheirRows) {
  EXPECT_EQ(RowNeighbours(Rows({1, 0}, 2), 1, 10, projector::Metric::kCosine).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(RowNeighbours(Rows({1, 0}, 2), -1, 10, projector::Metric::kCosine).error().code,
            ErrorCode::kNotFound);
}

}  // namespace
}  // namespace spirogram::web
