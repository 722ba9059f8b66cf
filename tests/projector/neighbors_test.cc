#include "projector/neighbors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

using Method = NeighborOptions::Method;

Result<NeighborGraph> Search(const Matrix& matrix, const NeighborOptions& options,
                             int threads = 2) {
  ThreadPool pool(threads);
  return NearestNeighbors(matrix.view(), options, &pool, {}, {});
}

NeighborOptions Exact(int neighbors, Metric metric = Metric::kEuclidean) {
  return {neighbors, metric, Method::kExact, 1};
}

// As the definition has it, in long double.
float SlowDistance(const Matrix& matrix, Metric metric, int64_t i, int64_t j) {
  const auto row = [&matrix](int64_t at) {
    return std::span(matrix.values)
        .subspan(static_cast<size_t>(at * matrix.dims), static_cast<size_t>(matrix.dims));
  };
  const auto length = [](std::span<const float> x) {
    long double square = 0;
    for (const float value : x) square += static_cast<long double>(value) * value;
    return std::sqrt(square);
  };
  const bool is_cosine = metric == Metric::kCosine;
  const long double a = is_cosine ? 1 / length(row(i)) : 1;
  const long double b = is_cosine ? 1 / length(row(j)) : 1;
  long double square = 0;
  for (size_t k = 0; k < static_cast<size_t>(matrix.dims); ++k) {
    const long double difference = a * row(i)[k] - b * row(j)[k];
    square += difference * difference;
  }
  if (is_cosine && square < 1e-30L) return 0;  // one direction, but for rounding
  return static_cast<float>(is_cosine ? square / 2 : std::sqrt(square));
}

// The graph is right if each row's distances are those of its neighbours, ascending with ties by
// row, and no row left out is nearer than the last.
void ExpectExact(const Matrix& matrix, const NeighborOptions& options, int threads = 2) {
  const auto graph = Search(matrix, options, threads);
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  ASSERT_EQ(graph->points, matrix.points);
  ASSERT_EQ(graph->neighbors, options.neighbors);
  const auto k = static_cast<size_t>(options.neighbors);
  std::vector<float> distances(static_cast<size_t>(matrix.points));
  std::vector<int32_t> order;
  for (int64_t i = 0; i < matrix.points; ++i) {
    order.clear();
    for (int64_t j = 0; j < matrix.points; ++j) {
      distances[static_cast<size_t>(j)] = SlowDistance(matrix, options.metric, i, j);
      if (j != i) order.push_back(static_cast<int32_t>(j));
    }
    std::partial_sort(order.begin(), order.begin() + options.neighbors, order.end(),
                      [&](int32_t a, int32_t b) {
                        const float x = distances[static_cast<size_t>(a)];
                        const float y = distances[static_cast<size_t>(b)];
                        return x != y ? x < y : a < b;
                      });
    for (size_t at = 0; at < k; ++at) {
      const int32_t got = graph->RowIndices(i)[at];
      ASSERT_NE(got, i);
      const float want = distances[static_cast<size_t>(order[at])];
      // The reference rounds once from a longer sum; the last bit may differ, and so may the order
      // of two rows that are this near to a tie.
      ASSERT_NEAR(graph->RowDistances(i)[at], want, 2e-7F * want) << "row " << i << ", " << at;
      ASSERT_NEAR(distances[static_cast<size_t>(got)], want, 2e-7F * want);
      if (at == 0) continue;
      const float before = graph->RowDistances(i)[at - 1];
      ASSERT_LE(before, graph->RowDistances(i)[at]);
      if (before == graph->RowDistances(i)[at]) {
        ASSERT_LT(graph->RowIndices(i)[at - 1], got);
      }
    }
  }
}

TEST(NeighborsTest, AreThoseOfTheDefinition) {
  ExpectExact(Gaussian(500, 20, 1), Exact(15));
  ExpectExact(Gaussian(700, 3, 2), Exact(90), 1);
  ExpectExact(Gaussian(193, 130, 3), Exact(30), 3);
}

TEST(NeighborsTest, AreThoseOfTheDefinitionForCosine) {
  ExpectExact(Gaussian(500, 20, 4), Exact(15, Metric::kCosine));
  Matrix cone = Gaussian(400, 8, 5);  // all directions nearly equal
  for (float& value : cone.values) value += 1000;
  ExpectExact(cone, Exact(10, Metric::kCosine));
}

TEST(NeighborsTest, OfTwoRowsAreEachOther) {
  const auto graph = Search({2, 2, {0, 0, 3, 4}}, Exact(1));
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->indices, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(graph->distances, (std::vector<float>{5, 5}));
  EXPECT_EQ(graph->method, "exact");
}

TEST(NeighborsTest, CanBeAllOtherRows) {
  ExpectExact(Gaussian(300, 4, 6), Exact(299));
  ExpectExact(Zeros(40, 3), Exact(39));
}

TEST(NeighborsTest, OfPointsOnALineInOrder) {
  // Sorted input, where each next row is nearer than all before.
  Matrix line = Zeros(1000, 1);
  std::iota(line.values.begin(), line.values.end(), 0.0F);
  ExpectExact(line, Exact(7));
}

TEST(NeighborsTest, AreOrderedByRowWhereAllAreEqual) {
  const auto graph = Search(Zeros(500, 6), Exact(10));
  ASSERT_TRUE(graph.ok());
  for (int64_t i = 0; i < 500; ++i) {
    int32_t want = 0;
    for (const int32_t got : graph->RowIndices(i)) {
      if (want == i) ++want;
      EXPECT_EQ(got, want++);
    }
    for (const float distance : graph->RowDistances(i)) EXPECT_EQ(distance, 0);
  }
}

TEST(NeighborsTest, HaveCopiesAtZeroWhereverTheDataLies) {
  // 300 copies of each of three rows, more than k, among others; far from the origin.
  Matrix matrix = Gaussian(1500, 12, 7);
  for (int64_t i = 0; i < 900; ++i) {
    for (int64_t k = 0; k < 12; ++k) matrix.at(i, k) = matrix.at(i % 3, k);
  }
  for (float& value : matrix.values) value += 5000;
  ExpectExact(matrix, Exact(50));
  const auto graph = Search(matrix, Exact(50));
  for (int64_t i = 0; i < 900; ++i) EXPECT_EQ(graph->RowDistances(i).back(), 0);
}

TEST(NeighborsTest, HaveCopiesAtZeroForCosineWhateverTheirLength) {
  Matrix matrix = Gaussian(400, 7, 8);
  for (int64_t i = 0; i < 200; ++i) {
    for (int64_t k = 0; k < 7; ++k) {
      matrix.at(i, k) = static_cast<float>(1 + i % 5) * std::round(8 * matrix.at(399, k));
    }
  }
  ExpectExact(matrix, Exact(20, Metric::kCosine));
  const auto graph = Search(matrix, Exact(20, Metric::kCosine));
  for (int64_t i = 0; i < 200; ++i) EXPECT_EQ(graph->RowDistances(i).back(), 0) << i;
}

TEST(NeighborsTest, TreatZeroAndMinusZeroAsEqual) {
  Matrix matrix = Zeros(100, 2);
  for (int64_t i = 0; i < 100; i += 2) matrix.at(i, 0) = -0.0F;
  ExpectExact(matrix, Exact(3));
}

TEST(NeighborsTest, AreRightWhereHundredsAreEquallyNear) {
  // Corners of a cube: every row ties with a tenth of all others, and no two columns tell why.
  Matrix corners = Zeros(1024, 10);
  for (int64_t i = 0; i < 1024; ++i) {
    for (int64_t k = 0; k < 10; ++k) corners.at(i, k) = static_cast<float>((i >> k) & 1);
  }
  ExpectExact(corners, Exact(20));
}

TEST(NeighborsTest, AreRightFarFromTheOrigin) {
  Matrix matrix = Gaussian(600, 10, 9);
  for (float& value : matrix.values) value += 1e6F;
  ExpectExact(matrix, Exact(15));
}

TEST(NeighborsTest, AreRightInTwoClustersFarApart) {
  Matrix matrix = Gaussian(600, 10, 10);
  for (int64_t i = 0; i < 600; i += 2) matrix.at(i, 0) += 1e6F;
  ExpectExact(matrix, Exact(15));
  ExpectExact(matrix, Exact(400));
}

TEST(NeighborsTest, AreRightBesideOneOutlier) {
  for (const float far : {1e10F, 1e19F, 1e30F}) {
    Matrix matrix = Gaussian(400, 5, 11);
    matrix.at(17, 2) = far;
    ExpectExact(matrix, Exact(15));
  }
}

TEST(NeighborsTest, AreRightForTheSmallestAndTheLargestNumbers) {
  for (const float scale : {1e-38F, 1e-25F, 1e-20F, 1e18F, 1e25F}) {
    Matrix matrix = Gaussian(300, 6, 12);
    for (float& value : matrix.values) value *= scale;
    ExpectExact(matrix, Exact(10));
    ExpectExact(matrix, Exact(10, Metric::kCosine));
  }
}

TEST(NeighborsTest, IgnoreConstantColumns) {
  const Matrix plain = Gaussian(300, 4, 13);
  Matrix wide = Zeros(300, 6);
  for (int64_t i = 0; i < 300; ++i) {
    wide.at(i, 4) = 7e5F;
    for (int64_t k = 0; k < 4; ++k) wide.at(i, k) = plain.values[static_cast<size_t>(4 * i + k)];
  }
  EXPECT_EQ(Search(wide, Exact(20))->indices, Search(plain, Exact(20))->indices);
}

TEST(NeighborsTest, DoNotDependOnTheNumberOfThreads) {
  const Matrix matrix = Clusters(3000, 16, 5, 8, 14);
  for (const Method method : {Method::kExact, Method::kCells}) {
    NeighborOptions options = Exact(30);
    options.method = method;
    const auto one = Search(matrix, options, 1);
    const auto four = Search(matrix, options, 4);
    ASSERT_TRUE(one.ok() && four.ok());
    EXPECT_EQ(one->indices, four->indices);
    EXPECT_EQ(one->distances, four->distances);
  }
}

TEST(NeighborsTest, NameTheRowOfABadNumber) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), 3e38F}) {
    Matrix matrix = Gaussian(50, 3, 15);
    matrix.at(31, 1) = bad;
    const auto graph = Search(matrix, Exact(5));
    ASSERT_FALSE(graph.ok());
    EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(graph.error().message.find("row 31"), std::string::npos) << graph.error().message;
  }
}

TEST(NeighborsTest, NameTheRowWithoutDirectionForCosineAlone) {
  Matrix matrix = Gaussian(50, 3, 16);
  for (int64_t k = 0; k < 3; ++k) matrix.at(8, k) = 0;
  EXPECT_TRUE(Search(matrix, Exact(5)).ok());
  const auto graph = Search(matrix, Exact(5, Metric::kCosine));
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(graph.error().message.find("row 8 "), std::string::npos) << graph.error().message;
}

TEST(NeighborsTest, RefuseWhatCannotBe) {
  const Matrix ten = Gaussian(10, 3, 17);
  for (const int k : {0, -1, 10, 11, std::numeric_limits<int>::max()}) {
    EXPECT_FALSE(Search(ten, Exact(k)).ok()) << k;
  }
  EXPECT_TRUE(Search(ten, Exact(9)).ok());
  EXPECT_FALSE(Search(Gaussian(1, 3, 18), Exact(1)).ok());
  ThreadPool pool(1);
  EXPECT_FALSE(NearestNeighbors({}, Exact(1), &pool, {}, {}).ok());
  EXPECT_FALSE(NearestNeighbors({ten.values, 10, 4}, Exact(1), &pool, {}, {}).ok());
}

TEST(NeighborsTest, StopWhenAsked) {
  ThreadPool pool(2);
  const Matrix matrix = Gaussian(3000, 30, 19);
  // The request comes from within: after the first report of progress.
  for (const Method method : {Method::kExact, Method::kCells}) {
    std::stop_source from_progress;
    NeighborOptions options = Exact(10);
    options.method = method;
    const auto graph = NearestNeighbors(matrix.view(), options, &pool, from_progress.get_token(),
                                        [&](double) { from_progress.request_stop(); });
    ASSERT_FALSE(graph.ok());
    EXPECT_EQ(graph.error().code, ErrorCode::kCancelled);
  }
}

TEST(NeighborsTest, ReportProgressFromTheCallersThread) {
  ThreadPool pool(2);
  const Matrix matrix = Gaussian(3000, 30, 20);
  for (const Method method : {Method::kExact, Method::kCells}) {
    NeighborOptions options = Exact(10);
    options.method = method;
    double last = 0;
    const auto caller = std::this_thread::get_id();
    const auto graph = NearestNeighbors(matrix.view(), options, &pool, {}, [&](double share) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      EXPECT_GE(share, last);
      EXPECT_LE(share, 1);
      last = share;
    });
    ASSERT_TRUE(graph.ok());
    EXPECT_EQ(last, 1);
  }
}

}  // namespace
}  // namespace spirogram::projector
