#include "projector/perplexity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

std::vector<float> RowOf(const std::vector<double>& distances, int64_t self, double perplexity) {
  std::vector<float> probabilities(distances.size());
  PerplexitySearch(static_cast<int64_t>(distances.size()), perplexity)
      .Row(distances, self, probabilities);
  return probabilities;
}

double PerplexityOf(const std::vector<float>& probabilities) {
  double entropy = 0;
  for (const double p : probabilities) {
    if (p > 0) entropy -= p * std::log(p);
  }
  return std::exp(entropy);
}

double SumOf(const std::vector<float>& probabilities) {
  double sum = 0;
  for (const double p : probabilities) sum += p;
  return sum;
}

std::vector<double> RandomDistances(size_t points, uint64_t seed) {
  Random random(seed);
  std::vector<double> distances(points);
  for (double& distance : distances) distance = 10 * random.NextUniform();
  return distances;
}

TEST(PerplexityTest, ReachesThePerplexityAtEveryScaleOfTheDistances) {
  for (const double scale : {1e-30, 1e-6, 1.0, 1e6, 1e60}) {
    for (const double perplexity : {1.5, 5.0, 30.0, 300.0}) {
      auto distances = RandomDistances(1000, 1);
      for (double& distance : distances) distance *= scale;
      const auto row = RowOf(distances, 17, perplexity);
      EXPECT_NEAR(PerplexityOf(row) / perplexity, 1, 1e-5) << scale << " " << perplexity;
      EXPECT_NEAR(SumOf(row), 1, 1e-5);
      EXPECT_EQ(row[17], 0);
    }
  }
}

TEST(PerplexityTest, GivesWeightsThatFallExponentiallyWithTheDistance) {
  const std::vector<double> distances{0, 1, 2, 3, 4, 5, 6, 7};
  const auto row = RowOf(distances, 0, 3);
  const float ratio = row[2] / row[1];
  for (size_t j = 3; j < row.size(); ++j) EXPECT_NEAR(row[j] / row[j - 1], ratio, 1e-6);
}

TEST(PerplexityTest, PutsAllOnTheNearestAtPerplexityOne) {
  const auto row = RowOf({3, 0, 1, 2}, 1, 1);
  EXPECT_EQ(row, (std::vector<float>{0, 0, 1, 0}));
}

TEST(PerplexityTest, SharesEquallyWhereAllDistancesAreEqual) {
  const auto row = RowOf(std::vector<double>(5, 2.0), 4, 2);
  EXPECT_EQ(row, (std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F, 0}));
}

TEST(PerplexityTest, SharesEquallyAmongMoreDuplicatesThanThePerplexity) {
  std::vector<double> distances = RandomDistances(100, 2);
  for (size_t j = 0; j < 10; ++j) distances[j] = 0;
  const auto row = RowOf(distances, 0, 5);
  for (size_t j = 1; j < 10; ++j) EXPECT_FLOAT_EQ(row[j], 1.0F / 9);
  EXPECT_EQ(row[50], 0);
}

TEST(PerplexityTest, IsNotSqueezedByAFarOutlier) {
  std::vector<double> distances = RandomDistances(200, 3);
  distances[100] = 1e58;
  const auto row = RowOf(distances, 0, 20);
  EXPECT_NEAR(PerplexityOf(row), 20, 2e-4);
  EXPECT_EQ(row[100], 0);
}

TEST(PerplexityTest, ReachesThePerplexityOfAnOutlierAmongNearlyEqualDistances) {
  std::vector<double> distances(300);
  for (size_t j = 0; j < distances.size(); ++j) distances[j] = 1e8 + static_cast<double>(j);
  EXPECT_NEAR(PerplexityOf(RowOf(distances, 0, 30)), 30, 3e-4);
}

TEST(PerplexityTest, ReachesTheLargestPerplexityThatThereIs) {
  EXPECT_NEAR(PerplexityOf(RowOf(RandomDistances(50, 4), 0, 48)), 48, 5e-4);
}

}  // namespace
}  // namespace spirogram::projector
