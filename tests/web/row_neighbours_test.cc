#include "web/cosine_neighbours.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spirogram::web {
namespace {

store::Embedding Rows(std::vector<float> values, int64_t dims) {
  const auto rows = static_cast<int64_t>(values.size()) / dims;
  return {{0, 0, rows, dims}, std::move(values)};
}

TEST(CosineNeighboursTest, AreNearestFirstAndWithoutTheRowItself) {
  const auto found = CosineNeighbours(Rows({1, 0, 0, 5, 3, 1, -2, 0}, 2), 0, 10);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].row, 2);
  EXPECT_NEAR((*found)[0].distance, 1 - 3 / std::sqrt(10.0), 1e-12);
  EXPECT_EQ((*found)[1].row, 1);
  EXPECT_EQ((*found)[2].row, 3);
  EXPECT_NEAR((*found)[2].distance, 2, 1e-12);
}

TEST(CosineNeighboursTest, LeaveOutRowsWithoutDirection) {
  const float nan = std::nanf("");
  const auto found = CosineNeighbours(Rows({1, 0, 0, 0, nan, 1, 2, 0}, 2), 0, 10);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].row, 3);
  EXPECT_EQ(CosineNeighbours(Rows({1, 0, 0, 0}, 2), 1, 10).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(CosineNeighboursTest, SurviveHugeValues) {
  const auto found = CosineNeighbours(Rows({3e38f, 0, 3e38f, 3e38f}, 2), 0, 1);
  ASSERT_TRUE(found.ok());
  EXPECT_NEAR((*found)[0].distance, 1 - std::sqrt(0.5), 1e-6);
}

TEST(CosineNeighboursTest, KnowTheirRows) {
  EXPECT_EQ(CosineNeighbours(Rows({1, 0}, 2), 1, 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(CosineNeighbours(Rows({1, 0}, 2), -1, 10).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace spirogram::web
