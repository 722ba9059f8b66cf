#include "projector/quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

// Dense P of the test as its sparse rows.
struct Sparse {
  std::vector<int64_t> row_start{0};
  std::vector<int32_t> column;
  std::vector<float> value;

  AffinityView view() const { return {row_start, column, value}; }
};

// P of k random neighbours each, symmetric.
Sparse RandomAffinities(int64_t points, uint64_t seed, std::vector<float>* dense) {
  Random random(seed);
  dense->assign(static_cast<size_t>(points * points), 0.0F);
  double total = 0;
  for (int64_t at = 0; at < 6 * points; ++at) {
    const auto i = static_cast<int64_t>(random.NextBits() % static_cast<uint64_t>(points));
    const auto j = static_cast<int64_t>(random.NextBits() % static_cast<uint64_t>(points));
    if (i == j) continue;
    const auto p = static_cast<float>(random.NextUniform());
    (*dense)[static_cast<size_t>(i * points + j)] = p;
    (*dense)[static_cast<size_t>(j * points + i)] = p;
  }
  for (const float p : *dense) total += p;
  Sparse sparse;
  for (int64_t i = 0; i < points; ++i) {
    for (int64_t j = 0; j < points; ++j) {
      float& p = (*dense)[static_cast<size_t>(i * points + j)];
      p = static_cast<float>(p / total);
      if (p == 0) continue;
      sparse.column.push_back(static_cast<int32_t>(j));
      sparse.value.push_back(p);
    }
    sparse.row_start.push_back(static_cast<int64_t>(sparse.column.size()));
  }
  return sparse;
}

Result<MapQuality> Judge(const Matrix& matrix, const Matrix& map,
                         const QualityOptions& options = {}, std::span<const int32_t> labels = {}) {
  ThreadPool pool(2);
  return JudgeMap(matrix.view(), map.view(), nullptr, labels, options, &pool, {}, {});
}

std::vector<double> ColumnMajor(const Matrix& map) {
  std::vector<double> columns;
  for (int64_t k = 0; k < map.dims; ++k) {
    for (int64_t i = 0; i < map.points; ++i) {
      columns.push_back(map.values[static_cast<size_t>(i * map.dims + k)]);
    }
  }
  return columns;
}

TEST(MapQualityTest, HasTheKlDivergenceOfTheDefinition) {
  ThreadPool pool(2);
  for (const int dims : {2, 3}) {
    std::vector<float> dense;
    const Sparse p = RandomAffinities(150, 1, &dense);
    Matrix map = Gaussian(150, dims, 2);
    for (float& value : map.values) value *= 10;
    const auto kl = SparseKlDivergence(p.view(), map.view(), {}, &pool, {});
    ASSERT_TRUE(kl.ok()) << kl.error().message;
    EXPECT_NEAR(kl->value, SlowKlDivergence(dense, ColumnMajor(map), 150, dims), 1e-6);
    EXPECT_TRUE(kl->is_exact);
    EXPECT_EQ(kl->samples, 150);
    EXPECT_EQ(kl->standard_error, 0);
  }
}

TEST(MapQualityTest, EstimatesTheKlDivergenceWithAnErrorThatHolds) {
  ThreadPool pool(2);
  std::vector<float> dense;
  const Sparse p = RandomAffinities(1500, 3, &dense);
  Matrix map = Gaussian(1500, 2, 4);
  for (float& value : map.values) value *= 20;
  const auto exact = SparseKlDivergence(p.view(), map.view(), {}, &pool, {});
  ASSERT_TRUE(exact.ok());
  QualityOptions options;
  options.z_terms_max = 300'000;  // 200 rows
  int within = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    options.seed = seed;
    const auto estimate = SparseKlDivergence(p.view(), map.view(), options, &pool, {});
    ASSERT_TRUE(estimate.ok());
    EXPECT_FALSE(estimate->is_exact);
    EXPECT_EQ(estimate->samples, 200);
    EXPECT_GT(estimate->standard_error, 0);
    within += std::abs(estimate->value - exact->value) <= 2 * estimate->standard_error;
  }
  EXPECT_GE(within, 34);  // of 40; 38 expected
}

TEST(MapQualityTest, IsPerfectForAMapThatIsTheMatrix) {
  const Matrix matrix = Gaussian(400, 2, 5);
  Matrix map = matrix;
  for (float& value : map.values) value = 3 * value + 100;  // moved and scaled: rank is the same
  const auto quality = Judge(matrix, map);
  ASSERT_TRUE(quality.ok());
  EXPECT_NEAR(quality->trustworthiness.value, 1, 1e-6);
  EXPECT_NEAR(quality->continuity.value, 1, 1e-6);
  EXPECT_GT(quality->recall_10.value, 0.999);
  EXPECT_GT(quality->recall_30.value, 0.999);
  EXPECT_NEAR(quality->spearman.value, 1, 1e-6);
  EXPECT_TRUE(quality->recall_10.is_exact);
  EXPECT_EQ(quality->recall_10.samples, 400);
  EXPECT_FALSE(quality->kl_divergence.has_value());
  EXPECT_FALSE(quality->class_accuracy.has_value());
}

// Each row is there thirty times: the map spreads its copies a little, in an order of its own.
TEST(MapQualityTest, HasAllOfRecallWhereEquallyNearRowsAreShown) {
  const Matrix distinct = Gaussian(20, 2, 21);
  const Matrix spread = Gaussian(600, 2, 22);
  Matrix matrix = Zeros(600, 2), map = Zeros(600, 2);
  for (int64_t i = 0; i < matrix.points; ++i) {
    for (int64_t k = 0; k < 2; ++k) {
      matrix.at(i, k) = distinct.values[static_cast<size_t>(i / 30 * 2 + k)];
      map.at(i, k) = matrix.at(i, k) + 1e-4F * spread.values[static_cast<size_t>(2 * i + k)];
    }
  }
  const auto quality = Judge(matrix, map);
  ASSERT_TRUE(quality.ok());
  EXPECT_EQ(quality->recall_10.value, 1);
  EXPECT_GT(quality->recall_30.value, 29.0 / 30);
}

TEST(MapQualityTest, IsThatOfChanceForARandomMap) {
  const auto quality = Judge(Gaussian(800, 20, 6), Gaussian(800, 2, 7));
  ASSERT_TRUE(quality.ok());
  EXPECT_NEAR(quality->trustworthiness.value, 0.5, 0.05);
  EXPECT_NEAR(quality->continuity.value, 0.5, 0.05);
  EXPECT_NEAR(quality->recall_10.value, 10.0 / 799, 0.01);
  EXPECT_NEAR(quality->recall_30.value, 30.0 / 799, 0.01);
  EXPECT_NEAR(quality->spearman.value, 0, 0.05);
}

TEST(MapQualityTest, HasTheTrustworthinessOfTheDefinition) {
  const Matrix matrix = Gaussian(120, 6, 8);
  const Matrix map = Gaussian(120, 2, 9);
  QualityOptions options;
  options.trust_neighbors = 7;
  const auto quality = Judge(matrix, map, options);
  ASSERT_TRUE(quality.ok());
  const auto ranks = [](const Matrix& of, int64_t i) {  // by row, from 1
    std::vector<std::pair<double, int64_t>> order;
    for (int64_t j = 0; j < of.points; ++j) {
      double square = 0;
      for (int64_t k = 0; k < of.dims; ++k) {
        square += std::pow(double{of.values[static_cast<size_t>(i * of.dims + k)]} -
                               of.values[static_cast<size_t>(j * of.dims + k)],
                           2);
      }
      if (j != i) order.emplace_back(square, j);
    }
    std::sort(order.begin(), order.end());
    std::vector<int> rank(static_cast<size_t>(of.points), 0);
    for (size_t at = 0; at < order.size(); ++at) {
      rank[static_cast<size_t>(order[at].second)] = static_cast<int>(at) + 1;
    }
    return rank;
  };
  double trust = 0, continuity = 0;
  for (int64_t i = 0; i < 120; ++i) {
    const std::vector<int> in_matrix = ranks(matrix, i);
    const std::vector<int> in_map = ranks(map, i);
    for (size_t j = 0; j < 120; ++j) {
      if (static_cast<int64_t>(j) == i) continue;
      if (in_map[j] <= 7) trust += std::max(0, in_matrix[j] - 7);
      if (in_matrix[j] <= 7) continuity += std::max(0, in_map[j] - 7);
    }
  }
  const double scale = 2.0 / (120 * 7 * (2 * 120 - 3 * 7 - 1));
  EXPECT_NEAR(quality->trustworthiness.value, 1 - scale * trust, 1e-12);
  EXPECT_NEAR(quality->continuity.value, 1 - scale * continuity, 1e-12);
}

TEST(MapQualityTest, SamplesQueriesAndSaysHowFarItMayBeOff) {
  const Matrix matrix = Clusters(3000, 8, 4, 6, 10);
  Matrix map = Zeros(3000, 2);
  for (int64_t i = 0; i < 3000; ++i) {
    for (int64_t k = 0; k < 2; ++k) map.at(i, k) = matrix.values[static_cast<size_t>(8 * i + k)];
  }
  const auto exact = Judge(matrix, map);
  QualityOptions options;
  options.rows_exact_max = 1000;
  options.queries = 500;
  const auto sampled = Judge(matrix, map, options);
  ASSERT_TRUE(exact.ok() && sampled.ok());
  for (const auto member : {&MapQuality::trustworthiness, &MapQuality::continuity,
                            &MapQuality::recall_10, &MapQuality::recall_30}) {
    const Estimate& estimate = (*sampled).*member;
    EXPECT_EQ(estimate.samples, 500);
    EXPECT_FALSE(estimate.is_exact);
    EXPECT_GT(estimate.standard_error, 0);
    EXPECT_LT(std::abs(estimate.value - ((*exact).*member).value), 4 * estimate.standard_error);
  }
}

TEST(MapQualityTest, CountsTheVotesOfNeighbours) {
  const Matrix matrix = Clusters(600, 5, 3, 12, 11);
  Matrix map = Zeros(600, 2);
  std::vector<int32_t> labels(600);
  for (int64_t i = 0; i < 600; ++i) {
    map.at(i, 0) = matrix.values[static_cast<size_t>(5 * i)];
    map.at(i, 1) = matrix.values[static_cast<size_t>(5 * i + 1)];
    labels[static_cast<size_t>(i)] = static_cast<int32_t>(i % 3);
  }
  EXPECT_EQ(Judge(matrix, map, {}, labels)->class_accuracy->value, 1);
  for (size_t i = 0; i < labels.size(); i += 3) labels[i] = static_cast<int32_t>(i);  // all differ
  EXPECT_NEAR(Judge(matrix, map, {}, labels)->class_accuracy->value, 2.0 / 3, 1e-12);
}

TEST(MapQualityTest, MeasuresTheSpan) {
  Matrix map = Gaussian(50, 3, 12);
  map.at(3, 2) = 70;
  map.at(9, 2) = -50;
  EXPECT_EQ(Judge(Gaussian(50, 4, 13), map)->span, 120);
}

TEST(MapQualityTest, TakesTheFewestRowsAndDegenerateMaps) {
  const auto four = Judge(Gaussian(4, 3, 14), Gaussian(4, 2, 15));
  ASSERT_TRUE(four.ok());
  EXPECT_EQ(four->trust_neighbors, 1);
  EXPECT_TRUE(std::isfinite(four->trustworthiness.value));
  const auto point = Judge(Gaussian(40, 3, 16), Zeros(40, 2));
  ASSERT_TRUE(point.ok());
  EXPECT_EQ(point->span, 0);
  EXPECT_TRUE(std::isnan(point->spearman.value));
  EXPECT_TRUE(std::isfinite(point->trustworthiness.value));
  Matrix far = Gaussian(40, 2, 17);
  far.at(0, 0) = 1e30F;
  EXPECT_TRUE(Judge(Gaussian(40, 3, 16), far).ok());
}

TEST(MapQualityTest, RefusesWhatDoesNotFit) {
  const Matrix matrix = Gaussian(40, 3, 18);
  const std::vector<int32_t> labels(39);
  EXPECT_FALSE(Judge(matrix, Gaussian(41, 2, 19)).ok());
  EXPECT_TRUE(Judge(matrix, Gaussian(40, 4, 19)).ok());
  EXPECT_FALSE(Judge(Gaussian(3, 3, 18), Gaussian(3, 2, 19)).ok());
  EXPECT_FALSE(Judge(matrix, Gaussian(40, 2, 19), {}, labels).ok());
  Matrix bad = Gaussian(40, 2, 20);
  bad.at(12, 1) = std::numeric_limits<float>::quiet_NaN();
  const auto quality = Judge(matrix, bad);
  ASSERT_FALSE(quality.ok());
  EXPECT_NE(quality.error().message.find("row 12"), std::string::npos) << quality.error().message;
}

TEST(MapQualityTest, RefusesAffinitiesThatAreNoDistribution) {
  ThreadPool pool(1);
  std::vector<float> dense;
  const Sparse good = RandomAffinities(30, 21, &dense);
  const Matrix map = Gaussian(30, 2, 22);
  const auto fails = [&](const Sparse& p) {
    const auto kl = SparseKlDivergence(p.view(), map.view(), {}, &pool, {});
    return !kl.ok() && kl.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_FALSE(fails(good));
  EXPECT_FALSE(SparseKlDivergence(good.view(), Gaussian(30, 4, 22).view(), {}, &pool, {}).ok());
  Sparse p = good;
  p.column[5] = 30;
  EXPECT_TRUE(fails(p));
  p = good;
  p.column[5] = -1;
  EXPECT_TRUE(fails(p));
  p = good;
  p.column[0] = 0;  // the diagonal
  EXPECT_TRUE(fails(p));
  p = good;
  p.value[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(fails(p));
  p = good;
  for (float& value : p.value) value *= 12;  // early exaggeration left in
  EXPECT_TRUE(fails(p));
  p = good;
  std::swap(p.row_start[3], p.row_start[4]);
  EXPECT_TRUE(fails(p));
  p = good;
  p.row_start[3] = std::numeric_limits<int64_t>::max();
  EXPECT_TRUE(fails(p));
  p = good;
  p.row_start.pop_back();
  EXPECT_TRUE(fails(p));
}

TEST(MapQualityTest, StopsWhenAsked) {
  ThreadPool pool(2);
  std::stop_source source;
  const Matrix matrix = Gaussian(2000, 10, 23);
  const Matrix map = Gaussian(2000, 2, 24);
  const auto quality = JudgeMap(matrix.view(), map.view(), nullptr, {}, {}, &pool,
                                source.get_token(), [&](double) { source.request_stop(); });
  ASSERT_FALSE(quality.ok());
  EXPECT_EQ(quality.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::projector
