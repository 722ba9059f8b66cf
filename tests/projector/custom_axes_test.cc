#include "projector/custom_axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

using ::testing::HasSubstr;

std::vector<uint32_t> Every(uint32_t step, uint32_t first, uint32_t rows) {
  std::vector<uint32_t> group;
  for (uint32_t row = first; row < rows; row += step) group.push_back(row);
  return group;
}

Result<CustomAxes> Along(const Matrix& matrix, const std::vector<uint32_t>& from,
                         const std::vector<uint32_t>& to) {
  const AxisGroups axis{from, to};
  return ProjectOntoAxes(matrix.view(), {&axis, 1}, {});
}

TEST(CustomAxesTest, PutsTheMeansOfTheGroupsAtTheEndsOfTheirAxis) {
  // Three clusters along axes of their own: 10 / sqrt(2) from the middle to each mean.
  const Matrix matrix = Clusters(3000, 8, 3, 10, 7);
  const auto zeros = Every(3, 0, 3000);
  const auto ones = Every(3, 1, 3000);
  const auto axes = Along(matrix, zeros, ones);
  ASSERT_TRUE(axes.ok()) << axes.error().message;
  ASSERT_EQ(axes->coordinates.size(), 3000u);
  double sums[3] = {};
  for (size_t row = 0; row < 3000; ++row) sums[row % 3] += axes->coordinates[row] / 1000;
  EXPECT_NEAR(sums[0], -10 / std::sqrt(2), 0.2);
  EXPECT_NEAR(sums[0] + sums[1], 0, 1e-4) << "the middle between the means is 0";
  EXPECT_NEAR(sums[2], 0, 0.2) << "a group that has no part in the axis lies in its middle";
}

TEST(CustomAxesTest, IsTheDotProductWithTheUnitDirectionOfTheDefinition) {
  const Matrix matrix = Gaussian(50, 5, 3);
  const std::vector<uint32_t> groups[] = {{0, 4, 7}, {9}, {1, 2}, {30, 31, 32}};
  const AxisGroups axes[] = {{groups[0], groups[1]}, {groups[2], groups[3]}};
  const auto result = ProjectOntoAxes(matrix.view(), axes, {});
  ASSERT_TRUE(result.ok());
  for (size_t axis = 0; axis < 2; ++axis) {
    double direction[5];
    double middle[5];
    double square = 0;
    for (size_t k = 0; k < 5; ++k) {
      double means[2] = {};
      for (size_t side = 0; side < 2; ++side) {
        const auto& group = groups[2 * axis + side];
        for (const uint32_t row : group) {
          means[side] += matrix.values[row * 5 + k] / static_cast<double>(group.size());
        }
      }
      direction[k] = means[1] - means[0];
      middle[k] = (means[0] + means[1]) / 2;
      square += direction[k] * direction[k];
    }
    for (size_t row = 0; row < 50; ++row) {
      double along = 0;
      for (size_t k = 0; k < 5; ++k) {
        along += (matrix.values[row * 5 + k] - middle[k]) * direction[k] / std::sqrt(square);
      }
      EXPECT_NEAR(result->coordinates[row * 2 + axis], along, 1e-5);
    }
  }
}

TEST(CustomAxesTest, SharesTheVarianceOfItsDirection) {
  // All of the variance lies along one axis.
  Matrix matrix = Zeros(4, 3);
  for (int64_t i = 0; i < 4; ++i) matrix.at(i, 1) = static_cast<float>(i);
  const auto axes = Along(matrix, {0}, {3});
  ASSERT_TRUE(axes.ok());
  EXPECT_NEAR(axes->variance_share[0], 1, 1e-12);
  EXPECT_FLOAT_EQ(axes->coordinates[0], -1.5F);
  EXPECT_FLOAT_EQ(axes->coordinates[3], 1.5F);
}

TEST(CustomAxesTest, NamesWhatIsWrongWithAGroup) {
  const Matrix matrix = Gaussian(10, 4, 1);
  const auto said = [](const Result<CustomAxes>& result) {
    return result.ok() ? std::string() : result.error().message;
  };
  EXPECT_THAT(said(Along(matrix, {}, {1})), HasSubstr("axis 1, from: the group is empty"));
  EXPECT_THAT(said(Along(matrix, {1}, {})), HasSubstr("axis 1, to: the group is empty"));
  EXPECT_THAT(said(Along(matrix, {1}, {10})), HasSubstr("got row 10, want one of the 10 rows"));
  EXPECT_THAT(said(Along(matrix, {1, 2}, {2, 1})), HasSubstr("have the same mean"));
  EXPECT_THAT(said(ProjectOntoAxes(matrix.view(), {}, {})), HasSubstr("got 0, want 1 to 3"));
  Matrix broken = Gaussian(10, 4, 1);
  broken.at(6, 2) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(said(Along(broken, {1}, {2})), HasSubstr("row 6, column 2"));
}

TEST(CustomAxesTest, TakesRowsThatAreAllTheSameForNoDirection) {
  const Matrix matrix = Zeros(6, 3);
  EXPECT_FALSE(Along(matrix, {0, 1}, {4}).ok());
}

TEST(CustomAxesTest, StopsWhenAsked) {
  const Matrix matrix = Gaussian(10, 4, 1);
  const std::vector<uint32_t> from{0};
  const std::vector<uint32_t> to{1};
  const AxisGroups axis{from, to};
  std::stop_source stop;
  stop.request_stop();
  const auto result = ProjectOntoAxes(matrix.view(), {&axis, 1}, stop.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(SphereizeTest, LaysOtherRowsAroundTheSameMean) {
  std::vector<float> rows{1, 0, 3, 0, 1, 2, 3, 2};
  const std::vector<double> mean = Sphereize(rows, 2);
  EXPECT_THAT(mean, ::testing::ElementsAre(2, 1));
  std::vector<float> others{2, 6, -8, 1, 2, 1};
  SphereizeAround(mean, others);
  EXPECT_THAT(others, ::testing::ElementsAre(0, 1, -1, 0, 0, 0));
}

TEST(SphereizeTest, LaysRowsOnTheUnitSphereAroundTheirMean) {
  Matrix matrix = Gaussian(40, 6, 5);
  for (float& value : matrix.values) value += 3;
  const Matrix before = matrix;
  Sphereize(matrix.values, 6);
  for (int64_t i = 0; i < 40; ++i) {
    double square = 0;
    for (int64_t k = 0; k < 6; ++k) square += double{matrix.at(i, k)} * matrix.at(i, k);
    EXPECT_NEAR(square, 1, 1e-5);
  }
  double mean = 0;
  for (size_t at = 0; at < before.values.size(); at += 6) mean += before.values[at] / 40;
  EXPECT_GT((before.values[0] - mean) * matrix.values[0], 0) << "directions stay";
  Matrix same = Zeros(3, 2);
  Sphereize(same.values, 2);
  EXPECT_EQ(same.values, Zeros(3, 2).values) << "a row at the mean has no direction";
}

}  // namespace
}  // namespace spirogram::projector
