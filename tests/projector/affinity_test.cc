#include "projector/affinity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "projector/perplexity.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

std::vector<float> AffinitiesOf(const Matrix& matrix, double perplexity, int threads = 2) {
  ThreadPool pool(threads);
  auto p = ComputeAffinities(matrix.view(), perplexity, &pool, {});
  EXPECT_TRUE(p.ok());
  return std::move(p).value();
}

TEST(AffinityTest, SumsToOneIsSymmetricAndHasNoDiagonal) {
  constexpr size_t kPoints = 203;
  const auto p = AffinitiesOf(Gaussian(kPoints, 7, 1), 30);
  double sum = 0;
  for (size_t i = 0; i < kPoints; ++i) {
    EXPECT_EQ(p[i * kPoints + i], 0);
    for (size_t j = 0; j < kPoints; ++j) {
      EXPECT_EQ(p[i * kPoints + j], p[j * kPoints + i]);
      sum += p[i * kPoints + j];
    }
  }
  EXPECT_NEAR(sum, 1, 1e-6);
}

TEST(AffinityTest, AgreesWithTheDefinition) {
  constexpr int64_t kPoints = 40;
  Matrix matrix = Gaussian(kPoints, 600, 2);
  const auto p = AffinitiesOf(matrix, 5);
  std::vector<std::vector<float>> conditional;
  PerplexitySearch search(kPoints, 5);
  for (int64_t i = 0; i < kPoints; ++i) {
    std::vector<double> distances(kPoints, 0.0);
    for (int64_t j = 0; j < kPoints; ++j) {
      for (int64_t k = 0; k < matrix.dims; ++k) {
        distances[static_cast<size_t>(j)] += std::pow(double{matrix.at(i, k)} - matrix.at(j, k), 2);
      }
    }
    search.Row(distances, i, conditional.emplace_back(kPoints));
  }
  for (size_t i = 0; i < kPoints; ++i) {
    for (size_t j = 0; j < kPoints; ++j) {
      EXPECT_NEAR(p[i * kPoints + j], (conditional[i][j] + conditional[j][i]) / (2 * kPoints),
                  1e-8);
    }
  }
}

TEST(AffinityTest, DoesNotDependOnTheThreads) {
  const Matrix matrix = Gaussian(300, 20, 3);
  EXPECT_EQ(AffinitiesOf(matrix, 30, 1), AffinitiesOf(matrix, 30, 5));
}

TEST(AffinityTest, DoesNotChangeWhenTheDataIsMovedFarAway) {
  // Powers of two: the moved values are exact, so the distances must be.
  Matrix matrix = Zeros(100, 2);
  Random random(4);
  for (float& value : matrix.values)
    value = std::floor(16 * static_cast<float>(random.NextUniform()));
  Matrix moved = matrix;
  for (float& value : moved.values) value += 65536;
  EXPECT_EQ(AffinitiesOf(matrix, 10), AffinitiesOf(moved, 10));
}

TEST(AffinityTest, GivesDuplicatesExactlyEqualRows) {
  Matrix matrix = Gaussian(60, 5, 5);
  for (int64_t k = 0; k < 5; ++k) matrix.at(1, k) = matrix.at(0, k);
  const auto p = AffinitiesOf(matrix, 10);
  for (size_t j = 2; j < 60; ++j) EXPECT_EQ(p[j], p[60 + j]);
}

TEST(AffinityTest, StopsWhenAsked) {
  ThreadPool pool(2);
  std::stop_source source;
  source.request_stop();
  const auto p = ComputeAffinities(Gaussian(50, 5, 6).view(), 5, &pool, source.get_token());
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::projector
