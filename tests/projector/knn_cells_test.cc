#include "projector/knn_cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "projector/knn_distance.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

using Method = NeighborOptions::Method;

Result<NeighborGraph> Search(const Matrix& matrix, NeighborOptions options, Method method,
                             int threads = 2) {
  ThreadPool pool(threads);
  options.method = method;
  return NearestNeighbors(matrix.view(), options, &pool, {}, {});
}

NeighborOptions Nearest(int neighbors, Metric metric = Metric::kEuclidean) {
  NeighborOptions options;
  options.neighbors = neighbors;
  options.metric = metric;
  return options;
}

// The share of neighbours found, after checking that what was found is what it says: no row twice,
// none its own neighbour, in order, with true distances.
std::vector<double> Recalls(const Matrix& matrix, const NeighborOptions& options) {
  const auto want = Search(matrix, options, Method::kExact);
  const auto got = Search(matrix, options, Method::kCells);
  EXPECT_TRUE(want.ok() && got.ok());
  if (!want.ok() || !got.ok()) return {};
  EXPECT_EQ(got->method.find("cells, recall "), 0U) << got->method;
  const RowDistance distance(matrix.view(), options.metric);
  std::vector<double> recalls;
  std::vector<int32_t> seen;
  for (int64_t row = 0; row < matrix.points; ++row) {
    const std::span<const int32_t> rows = got->RowIndices(row);
    const std::span<const float> distances = got->RowDistances(row);
    int hits = 0;
    for (size_t at = 0; at < rows.size(); ++at) {
      EXPECT_NE(rows[at], row);
      EXPECT_EQ(distances[at], distance.Between(row, rows[at]));
      if (at > 0) {
        const Neighbor before{distances[at - 1], rows[at - 1]};
        EXPECT_TRUE((before < Neighbor{distances[at], rows[at]}));
      }
      hits += distances[at] <= want->RowDistances(row).back() ? 1 : 0;
    }
    seen.assign(rows.begin(), rows.end());
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << "row " << row;
    recalls.push_back(static_cast<double>(hits) / options.neighbors);
    if (testing::Test::HasFailure()) break;
  }
  return recalls;
}

double Mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST(KnnCellsTest, FindNearlyAllWhateverTheDims) {
  EXPECT_GT(Mean(Recalls(Gaussian(6000, 2, 1), Nearest(10))), 0.99);
  EXPECT_GT(Mean(Recalls(Gaussian(6000, 8, 2), Nearest(15))), 0.99);
  EXPECT_GT(Mean(Recalls(Gaussian(3000, 50, 3), Nearest(15))), 0.99);
  EXPECT_GT(Mean(Recalls(Gaussian(1500, 300, 4), Nearest(15))), 0.99);
}

TEST(KnnCellsTest, FindNearlyAllInClusters) {
  EXPECT_GT(Mean(Recalls(Clusters(6000, 16, 10, 8, 5), Nearest(90))), 0.99);
  // Two far from each other: the few neighbours beyond a cluster's end are found too.
  Matrix two = Gaussian(2000, 10, 6);
  for (int64_t i = 0; i < 40; ++i) two.at(i, 0) += 1e6F;
  EXPECT_GT(Mean(Recalls(two, Nearest(50))), 0.99);
}

TEST(KnnCellsTest, FindNearlyAllForCosine) {
  EXPECT_GT(Mean(Recalls(Gaussian(5000, 12, 7), Nearest(15, Metric::kCosine))), 0.99);
  Matrix cone = Gaussian(3000, 8, 8);  // all directions nearly equal
  for (float& value : cone.values) value += 1000;
  EXPECT_GT(Mean(Recalls(cone, Nearest(15, Metric::kCosine))), 0.99);
}

TEST(KnnCellsTest, DoNotForgetTheOutliersOfOneLargeCloud) {
  Matrix matrix = Gaussian(5000, 12, 9);
  for (int64_t i = 0; i < 100; ++i) {
    for (int64_t k = 0; k < 12; ++k) matrix.at(i, k) *= 50;
  }
  for (int64_t i = 100; i < 150; ++i) {
    for (int64_t k = 0; k < 12; ++k) matrix.at(i, k) *= 0.01F;
  }
  const std::vector<double> recalls = Recalls(matrix, Nearest(20));
  ASSERT_EQ(recalls.size(), 5000U);
  EXPECT_GT(Mean(recalls), 0.99);
  EXPECT_GT(Mean(std::span(recalls).first(100)), 0.95);
}

TEST(KnnCellsTest, FindCopies) {
  // Each row five times, and one of them 1,500 times.
  const Matrix originals = Gaussian(5000, 10, 10);
  Matrix matrix = originals;
  for (int64_t i = 0; i < 5000; ++i) {
    const int64_t of = i < 3500 ? i / 5 : 3500;
    for (int64_t k = 0; k < 10; ++k) {
      matrix.at(i, k) = originals.values[static_cast<size_t>(10 * of + k)];
    }
  }
  const NeighborOptions options = Nearest(30);
  EXPECT_GT(Mean(Recalls(matrix, options)), 0.99);
  const auto graph = Search(matrix, options, Method::kCells);
  ASSERT_TRUE(graph.ok());
  for (int64_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(graph->RowDistances(i)[i < 3500 ? 3 : 29], 0) << i;
  }
}

TEST(KnnCellsTest, AreOrderedByRowWhereAllAreEqual) {
  const auto want = Search(Zeros(3000, 6), Nearest(10), Method::kExact);
  const auto got = Search(Zeros(3000, 6), Nearest(10), Method::kCells);
  ASSERT_TRUE(want.ok() && got.ok());
  EXPECT_EQ(got->indices, want->indices);
  EXPECT_EQ(got->distances, want->distances);
}

TEST(KnnCellsTest, AreQuickWhereThousandsAreEquallyNear) {
  // Rows of zeros and ones, no two alike: hundreds are at the distance of the 15th neighbour.
  Matrix corners = Zeros(4096, 12);
  for (int64_t i = 0; i < 4096; ++i) {
    for (int64_t k = 0; k < 12; ++k) corners.at(i, k) = static_cast<float>((i >> k) & 1);
  }
  EXPECT_GT(Mean(Recalls(corners, Nearest(15))), 0.99);
  EXPECT_GT(Mean(Recalls(corners, Nearest(80))), 0.99);
}

TEST(KnnCellsTest, AreExactForFewRows) {
  // A few cells are compared whole.
  for (const int64_t rows : {2, 3, 50, 300}) {
    const Matrix matrix = Gaussian(rows, 5, 11);
    for (const int64_t k : {int64_t{1}, rows / 2, rows - 1}) {
      if (k < 1) continue;
      const auto want = Search(matrix, Nearest(static_cast<int>(k)), Method::kExact);
      const auto got = Search(matrix, Nearest(static_cast<int>(k)), Method::kCells);
      ASSERT_TRUE(want.ok() && got.ok());
      EXPECT_EQ(got->indices, want->indices) << rows << " rows, k = " << k;
      EXPECT_EQ(got->distances, want->distances);
    }
  }
}

TEST(KnnCellsTest, CanBeNearlyAllOtherRows) {
  EXPECT_EQ(Mean(Recalls(Gaussian(1000, 4, 12), Nearest(999))), 1);
  EXPECT_GT(Mean(Recalls(Gaussian(1000, 4, 13), Nearest(900))), 0.99);
}

TEST(KnnCellsTest, AreFoundBesideOneOutlier) {
  for (const float far : {1e10F, 1e19F, 1e30F}) {
    Matrix matrix = Gaussian(2000, 5, 14);
    matrix.at(17, 2) = far;
    const std::vector<double> recalls = Recalls(matrix, Nearest(15));
    ASSERT_EQ(recalls.size(), 2000U);
    EXPECT_GT(Mean(recalls), 0.99) << far;
    EXPECT_EQ(recalls[17], 1) << far;
  }
}

TEST(KnnCellsTest, AreFoundForTheSmallestAndTheLargestNumbers) {
  for (const float scale : {1e-38F, 1e-25F, 1e18F, 1e25F}) {
    Matrix matrix = Gaussian(1500, 6, 15);
    for (float& value : matrix.values) value *= scale;
    EXPECT_GT(Mean(Recalls(matrix, Nearest(10))), 0.99) << scale;
    EXPECT_GT(Mean(Recalls(matrix, Nearest(10, Metric::kCosine))), 0.99) << scale;
  }
}

TEST(KnnCellsTest, AreFoundFarFromTheOrigin) {
  Matrix matrix = Gaussian(2000, 10, 16);
  for (float& value : matrix.values) value += 1e6F;
  EXPECT_GT(Mean(Recalls(matrix, Nearest(15))), 0.99);
}

TEST(KnnCellsTest, DoNotDependOnTheNumberOfThreads) {
  const Matrix matrix = Clusters(4000, 12, 5, 6, 17);
  const auto one = Search(matrix, Nearest(30), Method::kCells, 1);
  ASSERT_TRUE(one.ok());
  for (const int threads : {2, 5}) {
    const auto more = Search(matrix, Nearest(30), Method::kCells, threads);
    ASSERT_TRUE(more.ok());
    EXPECT_EQ(one->indices, more->indices);
    EXPECT_EQ(one->distances, more->distances);
    EXPECT_EQ(one->method, more->method);
  }
}

TEST(KnnCellsTest, FindTheShareThatIsAskedFor) {
  const Matrix matrix = Gaussian(6000, 12, 23);
  NeighborOptions options = Nearest(15);
  const double most = Mean(Recalls(matrix, options));
  options.recall = 0.8;
  const double fewer = Mean(Recalls(matrix, options));
  EXPECT_GT(fewer, 0.77);
  EXPECT_LT(fewer, most - 0.005);
  for (const double share : {0.0, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    options.recall = share;
    const auto graph = Search(matrix, options, Method::kCells);
    ASSERT_FALSE(graph.ok()) << share;
    EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(KnnCellsTest, RefuseABadNumber) {
  Matrix matrix = Gaussian(500, 3, 18);
  matrix.at(31, 1) = std::numeric_limits<float>::quiet_NaN();
  const auto graph = Search(matrix, Nearest(5), Method::kCells);
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(graph.error().message.find("row 31"), std::string::npos) << graph.error().message;
}

TEST(KnnCellsTest, StopAtAnyReportOfProgress) {
  const Matrix matrix = Gaussian(3000, 20, 19);
  ThreadPool pool(2);
  NeighborOptions options = Nearest(10);
  options.method = Method::kCells;
  for (const double at : {0.0, 0.2, 0.25}) {
    std::stop_source stop;
    const auto graph =
        NearestNeighbors(matrix.view(), options, &pool, stop.get_token(), [&](double share) {
          if (share >= at) stop.request_stop();
        });
    ASSERT_FALSE(graph.ok()) << at;
    EXPECT_EQ(graph.error().code, ErrorCode::kCancelled);
  }
}

TEST(KnnCellsTest, AreNotSearchedWhereThatTakesMoreThanAllowed) {
  const Matrix matrix = Gaussian(3000, 20, 20);
  ThreadPool pool(2);
  const auto none = CellNeighbors(matrix.view(), Nearest(10), 300, &pool, {}, {});
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  const auto some = CellNeighbors(matrix.view(), Nearest(10), 3000, &pool, {}, {});
  ASSERT_TRUE(some.ok());
  EXPECT_TRUE(some->has_value());
}

TEST(KnnCellsTest, AreTakenForManyRowsInClustersAlone) {
  EXPECT_EQ(Search(Clusters(2000, 20, 10, 9, 21), Nearest(10), Method::kAuto)->method, "exact");
  const auto many = Search(Clusters(48'000, 50, 50, 30, 22), Nearest(10), Method::kAuto);
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(many->method.find("cells, recall "), 0U) << many->method;
}

TEST(KnnCellsTest, TakeMemoryForTheMatrixAndTheAnswer) {
  const int64_t million = NeighborMemoryBytes(1'000'000, 50, 90);
  EXPECT_GT(million, int64_t{920'000'000});  // 720 MB of the answer, 200 MB of the copy
  EXPECT_LT(million, int64_t{1'200'000'000});
  EXPECT_GT(NeighborMemoryBytes(100'000, 768, 15), int64_t{319'200'000});
}

}  // namespace
}  // namespace spirogram::projector
