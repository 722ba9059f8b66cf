#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "projector/eigen.h"
#include "projector/projector.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

Result<PcaResult> PcaOf(const Matrix& matrix, int components) {
  PcaOptions options;
  options.components = components;
  return Pca(matrix.view(), options);
}

// All eigenvalues of the covariance matrix, the plain way.
std::vector<double> SlowSpectrum(const Matrix& matrix) {
  const auto points = static_cast<double>(matrix.points);
  std::vector<double> mean(static_cast<size_t>(matrix.dims), 0.0);
  std::vector<double> covariance(mean.size() * mean.size(), 0.0);
  for (size_t at = 0; at < matrix.values.size(); ++at) {
    mean[at % mean.size()] += matrix.values[at] / points;
  }
  for (size_t row = 0; row < matrix.values.size(); row += mean.size()) {
    for (size_t a = 0; a < mean.size(); ++a) {
      for (size_t b = 0; b < mean.size(); ++b) {
        covariance[a * mean.size() + b] +=
            (matrix.values[row + a] - mean[a]) * (matrix.values[row + b] - mean[b]) / points;
      }
    }
  }
  return JacobiEigenpairs(covariance, matrix.dims).values;
}

// Column sums of squares / N, column sums and cross products of the coordinates.
double Moment(const PcaResult& result, size_t columns, size_t a, size_t b) {
  double sum = 0;
  for (size_t row = 0; row < result.coordinates.size(); row += columns) {
    sum += double{result.coordinates[row + a]} * result.coordinates[row + b];
  }
  return sum * static_cast<double>(columns) / static_cast<double>(result.coordinates.size());
}

void ExpectSharesOf(const Matrix& matrix, int components) {
  const std::vector<double> spectrum = SlowSpectrum(matrix);
  double total = 0;
  for (const double value : spectrum) total += value;
  const auto result = PcaOf(matrix, components);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const auto columns = static_cast<size_t>(components);
  for (size_t c = 0; c < columns; ++c) {
    EXPECT_NEAR(result->variance_share[c], spectrum[c] / total, 1e-10);
    EXPECT_NEAR(Moment(*result, columns, c, c), spectrum[c], 1e-5 * spectrum[0]);
    for (size_t other = 0; other < c; ++other) {
      EXPECT_NEAR(Moment(*result, columns, c, other), 0, 1e-5 * spectrum[0]);
    }
  }
}

TEST(PcaTest, FindsTheAxesOfARectangle) {
  // Corners (+-3, +-1) about (10, 20): variances 9 and 1.
  const Matrix matrix{4, 2, {13, 21, 13, 19, 7, 21, 7, 19}};
  const auto result = PcaOf(matrix, 2);
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result->variance_share[0], 0.9, 1e-12);
  EXPECT_NEAR(result->variance_share[1], 0.1, 1e-12);
  const std::vector<float> want{3, 1, 3, -1, -3, 1, -3, -1};
  for (size_t i = 0; i < want.size(); ++i) EXPECT_FLOAT_EQ(result->coordinates[i], want[i]);
}

TEST(PcaTest, AgreesWithTheSlowTwinWhereThereAreMorePointsThanDims) {
  ExpectSharesOf(Gaussian(300, 20, 1), 5);
}

TEST(PcaTest, AgreesWithTheSlowTwinBeyondTheSideThatJacobiTakes) {
  ExpectSharesOf(Gaussian(600, 200, 2), 3);
}

TEST(PcaTest, AgreesWithTheSlowTwinWhereThereAreFewerPointsThanDims) {
  ExpectSharesOf(Gaussian(30, 100, 3), 4);
}

TEST(PcaTest, KeepsASmallVarianceBesideALargeMean) {
  Matrix matrix = Gaussian(500, 3, 4);
  for (float& value : matrix.values) value = 1e5F + value;
  ExpectSharesOf(matrix, 3);
}

TEST(PcaTest, MakesTheLargestEntryOfEachDirectionPositive) {
  // The only direction is (-1, 2) or (1, -2): the second entry must be the positive one.
  const Matrix matrix{2, 2, {1, -2, -1, 2}};
  const auto result = PcaOf(matrix, 1);
  ASSERT_TRUE(result.ok());
  EXPECT_LT(result->coordinates[0], 0);
  EXPECT_FLOAT_EQ(result->coordinates[1], std::sqrt(5.0F));
}

TEST(PcaTest, BreaksATieOfEntriesByTheFirst) {
  const Matrix matrix{2, 2, {-1, 1, 1, -1}};
  const auto result = PcaOf(matrix, 1);
  ASSERT_TRUE(result.ok());
  EXPECT_GT(result->coordinates[1], 0);
}

TEST(PcaTest, GivesTheSamePictureForTheSameInput) {
  const Matrix matrix = Gaussian(400, 300, 5);
  EXPECT_EQ(PcaOf(matrix, 3)->coordinates, PcaOf(matrix, 3)->coordinates);
}

TEST(PcaTest, TakesOneDimension) {
  const Matrix matrix{3, 1, {1, 2, 6}};
  const auto result = PcaOf(matrix, 1);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->coordinates, (std::vector<float>{-2, -1, 3}));
  EXPECT_DOUBLE_EQ(result->variance_share[0], 1);
}

TEST(PcaTest, PutsASinglePointIntoTheOrigin) {
  const auto result = PcaOf(Matrix{1, 4, {1, 2, 3, 4}}, 3);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->coordinates, (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(result->variance_share, (std::vector<double>{0, 0, 0}));
}

TEST(PcaTest, GivesComponentsWithoutVarianceNothing) {
  Matrix matrix = Zeros(50, 5);
  for (int64_t i = 0; i < 50; ++i) {
    matrix.at(i, 2) = static_cast<float>(i);
    matrix.at(i, 4) = 7;
  }
  const auto result = PcaOf(matrix, 3);
  ASSERT_TRUE(result.ok());
  EXPECT_DOUBLE_EQ(result->variance_share[0], 1);
  EXPECT_EQ(result->variance_share[1], 0);
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(result->coordinates[3 * i + 1], 0);
}

TEST(PcaTest, GivesMoreComponentsThanPointsCanSpanNothing) {
  const auto result = PcaOf(Gaussian(3, 50, 6), 10);
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result->variance_share[0] + result->variance_share[1], 1, 1e-12);
  EXPECT_EQ(result->variance_share[2], 0);
}

TEST(PcaTest, NamesTheRowAndColumnOfANaN) {
  Matrix matrix = Gaussian(10, 4, 7);
  matrix.at(6, 2) = std::numeric_limits<float>::quiet_NaN();
  const auto result = PcaOf(matrix, 2);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(result.error().message.find("row 6, column 2 is nan"), std::string::npos)
      << result.error().message;
}

TEST(PcaTest, RefusesInfinityAndValuesWhoseLengthOverflows) {
  for (const float bad : {std::numeric_limits<float>::infinity(), -3e38F}) {
    Matrix matrix = Gaussian(10, 4, 8);
    matrix.at(0, 0) = bad;
    EXPECT_FALSE(PcaOf(matrix, 2).ok());
  }
}

TEST(PcaTest, TakesTheLargestValuesThatItAccepts) {
  Matrix matrix = Gaussian(10, 4, 9);
  matrix.at(0, 0) = 1e30F;
  const auto result = PcaOf(matrix, 2);
  ASSERT_TRUE(result.ok());
  for (const float value : result->coordinates) EXPECT_TRUE(std::isfinite(value));
}

TEST(PcaTest, DrawsFewColumnsOnAxesOfAPicture) {
  const std::vector<float> values = {1, 4, 2, 9};
  const auto result = Pca({values, 4, 1}, {.components = 3});
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(result->coordinates, (std::vector<float>{-3, 0, 0, 0, 0, 0, -2, 0, 0, 5, 0, 0}));
  EXPECT_EQ(result->variance_share, (std::vector<double>{1, 0, 0}));
}

// Those without variance too, whichever axis they are.
TEST(PcaTest, DrawsTheComponentsThatAreChosen) {
  Matrix rows = Gaussian(40, 7, 3);
  for (int64_t i = 0; i < 40; ++i) rows.at(i, 2) = 5;
  const auto all = Pca(rows.view(), {.components = 7});
  const auto drawn = Pca(rows.view(), {.components = 7, .drawn = {4, 6, 0}});
  ASSERT_TRUE(all.ok() && drawn.ok());
  EXPECT_EQ(drawn->variance_share, all->variance_share);
  ASSERT_EQ(drawn->coordinates.size(), 40U * 3);
  for (size_t row = 0; row < 40; ++row) {
    EXPECT_FLOAT_EQ(drawn->coordinates[3 * row], all->coordinates[7 * row + 4]);
    EXPECT_EQ(drawn->coordinates[3 * row + 1], 0);
    EXPECT_FLOAT_EQ(drawn->coordinates[3 * row + 2], all->coordinates[7 * row]);
  }
  EXPECT_THAT(Pca(rows.view(), {.components = 3, .drawn = {0, 3}}).error().message,
              ::testing::HasSubstr("got component 3 to draw, want 0 to 2"));
}

TEST(PcaTest, RefusesShapesThatDoNotFit) {
  const std::vector<float> values(6);
  const PcaOptions one{1, 1};
  EXPECT_FALSE(Pca({values, 0, 3}, one).ok());
  EXPECT_FALSE(Pca({values, 2, 0}, one).ok());
  EXPECT_FALSE(Pca({values, 2, 2}, one).ok());
  EXPECT_FALSE(Pca({values, int64_t{1} << 62, int64_t{1} << 62}, one).ok());
  EXPECT_FALSE(Pca({values, 2, 3}, {0, 1}).ok());
  EXPECT_FALSE(Pca({values, 2, 3}, {4, 1}).ok());
}

TEST(PcaTest, DoesNotDependOnTheNumberOfThreads) {
  // Few columns, several panels of them, and more columns than rows.
  for (const auto& [points, dims] :
       {std::pair<int64_t, int64_t>{2000, 20}, {700, 300}, {200, 1500}}) {
    const Matrix matrix = Gaussian(points, dims, 3);
    const auto one = Pca(matrix.view(), {.components = 3, .threads = 1});
    const auto three = Pca(matrix.view(), {.components = 3, .threads = 3});
    ASSERT_TRUE(one.ok() && three.ok());
    EXPECT_EQ(one->coordinates, three->coordinates) << points << " x " << dims;
    EXPECT_EQ(one->variance_share, three->variance_share) << points << " x " << dims;
  }
}

TEST(PcaTest, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  const auto result = Pca(Gaussian(300, 200, 10).view(), {2, 1}, source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::projector
