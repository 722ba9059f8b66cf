#include "projector/sparse_affinity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "projector/affinity.h"
#include "tests/projector/test_data.h"
#include "tests/projector/test_graphs.h"

namespace spirogram::projector {
namespace {

// N x N.
std::vector<double> Dense(const SparseAffinities& p) {
  std::vector<double> dense(static_cast<size_t>(p.points * p.points), 0.0);
  for (int64_t i = 0; i < p.points; ++i) {
    const auto columns = p.RowColumns(i);
    for (size_t at = 0; at < columns.size(); ++at) {
      dense[static_cast<size_t>(i * p.points + columns[at])] += p.RowValues(i)[at];
    }
  }
  return dense;
}

void ExpectJointProbabilities(const SparseAffinities& p) {
  ASSERT_EQ(std::ssize(p.row_starts), p.points + 1);
  const std::vector<double> dense = Dense(p);
  double sum = 0;
  for (int64_t i = 0; i < p.points; ++i) {
    const auto columns = p.RowColumns(i);
    EXPECT_TRUE(std::is_sorted(columns.begin(), columns.end()));
    EXPECT_EQ(std::set<int32_t>(columns.begin(), columns.end()).size(), columns.size());
    for (int64_t j = 0; j < p.points; ++j) {
      const double value = dense[static_cast<size_t>(i * p.points + j)];
      EXPECT_EQ(value, dense[static_cast<size_t>(j * p.points + i)]);
      EXPECT_TRUE(i != j || value == 0);
      sum += value;
    }
  }
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(SparseAffinityTest, IsSymmetricWithoutDoublesAndSumsToOne) {
  ExpectJointProbabilities(AffinitiesOf(Clusters(300, 8, 3, 6, 1), 30, 10));
}

TEST(SparseAffinityTest, IsTheDenseMatrixWhenAllPointsAreNeighbours) {
  const Matrix matrix = Gaussian(80, 6, 2);
  ThreadPool pool(2);
  const auto dense = ComputeAffinities(matrix.view(), 10, &pool, {});
  const std::vector<double> sparse = Dense(AffinitiesOf(matrix, 79, 10));
  for (size_t at = 0; at < sparse.size(); ++at) EXPECT_NEAR(sparse[at], (*dense)[at], 2e-8);
}

// Half of p_i comes from the point itself, whoever names it: an outlier keeps its weight on the
// map.
TEST(SparseAffinityTest, GivesEveryPointAtLeastHalfAShare) {
  Matrix matrix = Gaussian(400, 5, 3);
  matrix.at(7, 2) = 1e6F;
  const SparseAffinities p = AffinitiesOf(matrix, 60, 20);
  for (int64_t i = 0; i < 400; ++i) {
    double sum = 0;
    for (const float value : p.RowValues(i)) sum += value;
    EXPECT_GE(sum, 0.5 / 400 - 1e-7);
  }
}

TEST(SparseAffinityTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const Matrix matrix = Gaussian(700, 5, 4);
  const SparseAffinities one = AffinitiesOf(matrix, 30, 10, 1);
  const SparseAffinities six = AffinitiesOf(matrix, 30, 10, 6);
  EXPECT_EQ(one.columns, six.columns);
  EXPECT_EQ(one.values, six.values);
}

TEST(SparseAffinityTest, SharesAmongMoreDuplicatesThanNeighbours) {
  Matrix matrix = Gaussian(120, 5, 5);
  for (int64_t i = 0; i < 60; ++i) {
    for (int64_t k = 0; k < 5; ++k) matrix.at(i, k) = 3;
  }
  const SparseAffinities p = AffinitiesOf(matrix, 30, 10);
  ExpectJointProbabilities(p);
  for (const float value : p.values) EXPECT_TRUE(std::isfinite(value));
}

TEST(SparseAffinityTest, TakesPointsThatAreAllOne) {
  ExpectJointProbabilities(AffinitiesOf(Zeros(40, 3), 15, 5));
}

TEST(SparseAffinityTest, TakesAPerplexityOfAllNeighbours) {
  ExpectJointProbabilities(AffinitiesOf(Gaussian(50, 3, 6), 12, 12));
}

TEST(SparseAffinityTest, RefusesAPerplexityBeyondTheNeighbours) {
  ThreadPool pool(1);
  const auto p = PerplexityAffinities(GraphOf(Gaussian(50, 3, 7), 12), 12.5, &pool, {});
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(p.error().message.find("got perplexity 12.5, want 1 to the 12 neighbours"),
            std::string::npos);
}

TEST(SparseAffinityTest, RefusesAGraphWhosePartsDoNotFit) {
  ThreadPool pool(1);
  const NeighborGraph good = GraphOf(Gaussian(50, 3, 8), 12);
  NeighborGraph graph = good;
  graph.indices.pop_back();
  EXPECT_FALSE(PerplexityAffinities(graph, 4, &pool, {}).ok());
  graph = good;
  graph.indices[12 * 3] = 3;
  EXPECT_FALSE(PerplexityAffinities(graph, 4, &pool, {}).ok());
  graph = good;
  graph.indices[5] = 50;
  EXPECT_FALSE(UniformAffinities(graph, 4, &pool, {}).ok());
  graph.indices[5] = -1;
  EXPECT_FALSE(UniformAffinities(graph, 4, &pool, {}).ok());
}

TEST(SparseAffinityTest, GivesEachOfTheNearestOneWeight) {
  ThreadPool pool(2);
  const NeighborGraph graph = GraphOf(Gaussian(200, 4, 9), 20);
  const auto p = UniformAffinities(graph, 15, &pool, {});
  ASSERT_TRUE(p.ok());
  ExpectJointProbabilities(*p);
  for (const float value : p->values) {
    const bool is_one_way = std::abs(value - 0.5 / 15 / 200) < 1e-9;
    const bool is_mutual = std::abs(value - 1.0 / 15 / 200) < 1e-9;
    EXPECT_TRUE(is_one_way || is_mutual) << value;
  }
  EXPECT_FALSE(UniformAffinities(graph, 21, &pool, {}).ok());
}

TEST(SparseAffinityTest, StopsWhenAsked) {
  ThreadPool pool(2);
  std::stop_source source;
  source.request_stop();
  const auto p =
      PerplexityAffinities(GraphOf(Gaussian(50, 3, 10), 12), 4, &pool, source.get_token());
  ASSERT_FALSE(p.ok());
  EXPECT_EQ(p.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::projector
