#include "projector/similarity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace spirogram::projector {
namespace {

constexpr int64_t kRows = 400;

std::vector<float> Gaussian(int64_t values, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> drawn(static_cast<size_t>(values));
  for (float& value : drawn) value = normal(random);
  return drawn;
}

Similarity Compare(const std::vector<float>& x, const std::vector<float>& y, int64_t rows) {
  ThreadPool pool(2);
  const auto similarity = CompareEmbeddings({x, rows, std::ssize(x) / rows},
                                            {y, rows, std::ssize(y) / rows}, &pool, {});
  EXPECT_TRUE(similarity.ok());
  return *similarity;
}

TEST(SimilarityTest, SeesNoDifferenceInARotationAScaleAndAShift) {
  const std::vector<float> x = Gaussian(kRows * 2, 1);
  std::vector<float> y(x.size());
  const float c = std::cos(0.7F);
  const float s = std::sin(0.7F);
  for (size_t i = 0; i < x.size(); i += 2) {
    y[i] = 3 * (c * x[i] - s * x[i + 1]) + 5;
    y[i + 1] = -3 * (s * x[i] + c * x[i + 1]) - 9;
  }
  const Similarity similarity = Compare(x, y, kRows);
  EXPECT_NEAR(similarity.cka, 1, 1e-6);
  EXPECT_NEAR(similarity.residual, 0, 1e-6);
  EXPECT_EQ(similarity.rows, kRows);
}

TEST(SimilarityTest, FindsLittleOfOneNoiseInAnother) {
  const Similarity similarity = Compare(Gaussian(kRows * 3, 1), Gaussian(kRows * 3, 2), kRows);
  EXPECT_LT(similarity.cka, 0.05);
  EXPECT_GT(similarity.residual, 0.95);
}

// By hand: X = (-1, 0, 1), Y = ((1, 0), (-2, 0), (1, 0)) share nothing; with (1, 2, 4) X has
// r = 3 / sqrt(2 * 14 / 3), and CKA of single columns is r^2.
TEST(SimilarityTest, IsTheSquaredCorrelationForOneColumn) {
  EXPECT_NEAR(Compare({-1, 0, 1}, {1, 0, -2, 0, 1, 0}, 3).cka, 0, 1e-12);
  EXPECT_TRUE(std::isnan(Compare({-1, 0, 1}, {1, 0, -2, 0, 1, 0}, 3).residual));
  const Similarity one = Compare({-1, 0, 1}, {1, 2, 4}, 3);
  EXPECT_NEAR(one.cka, 27.0 / 28, 1e-12);
  EXPECT_NEAR(one.residual, 1 - 27.0 / 28, 1e-12);
}

TEST(SimilarityTest, IsNoNumberWithoutVariance) {
  const Similarity similarity = Compare({1, 1, 1, 1}, {1, 2, 3, 4}, 4);
  EXPECT_TRUE(std::isnan(similarity.cka));
  EXPECT_TRUE(std::isnan(similarity.residual));
}

TEST(SimilarityTest, SurvivesHugeValues) {
  EXPECT_NEAR(Compare({-1e30F, 0, 1e30F}, {-1e-30F, 0, 1e-30F}, 3).residual, 0, 1e-6);
}

TEST(SimilarityTest, RefusesRowsThatDifferAndStops) {
  ThreadPool pool(1);
  const std::vector<float> x = Gaussian(12, 1);
  EXPECT_EQ(CompareEmbeddings({x, 6, 2}, {x, 4, 3}, &pool, {}).error().code,
            ErrorCode::kInvalidArgument);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(CompareEmbeddings({x, 6, 2}, {x, 6, 2}, &pool, stop.get_token()).error().code,
            ErrorCode::kCancelled);
}

TEST(NeighborChangeTest, IsTheShareOfNeighboursThatDiffer) {
  NeighborGraph from{3, 2, {1, 2, 0, 2, 0, 1}, {}, ""};
  NeighborGraph to{3, 2, {2, 1, 0, 3, 3, 4}, {}, ""};
  const std::vector<float> change = NeighborChange(from, to);
  EXPECT_EQ(change[0], 0);  // the order says nothing
  EXPECT_FLOAT_EQ(change[1], 2.0F / 3);
  EXPECT_EQ(change[2], 1);
}

}  // namespace
}  // namespace spirogram::projector
