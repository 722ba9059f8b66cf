// The search for neighbours on the GPU, its kernels run on the CPU (cuda_on_cpu/), against the
// CPU's own: the same rows, the same distances, bit by bit.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "projector/cuda/knn.h"
#include "projector/cuda/knn_bodies.h"
#include "projector/cuda/knn_kernels.h"
#include "projector/knn_distance.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

struct Found {
  std::vector<int32_t> indices;
  std::vector<float> distances;
  int64_t compared_again = 0;
};

Found OnDevice(const Matrix& matrix, int neighbors, Metric metric = Metric::kEuclidean) {
  std::vector<int32_t> columns(static_cast<size_t>(matrix.points));
  std::iota(columns.rbegin(), columns.rend(), 0);  // any order
  std::vector<double> scales;
  if (metric == Metric::kCosine) scales = InverseNorms(matrix.view());
  Found found;
  found.indices.resize(static_cast<size_t>(matrix.points * neighbors));
  found.distances.resize(found.indices.size());
  // Small tiles, so that there are many.
  const Status status =
      FindNeighborsOnDevice({matrix.view(), scales, columns, neighbors, 70, 50}, found.indices,
                            found.distances, &found.compared_again, {}, {});
  EXPECT_TRUE(status.ok()) << status.error().message;
  return found;
}

void ExpectTheNeighborsOfTheCpu(const Matrix& matrix, int neighbors,
                                Metric metric = Metric::kEuclidean, int64_t* again = nullptr) {
  ThreadPool pool(2);
  NeighborOptions options;
  options.neighbors = neighbors;
  options.metric = metric;
  options.method = NeighborOptions::Method::kExact;
  const NeighborGraph want = NearestNeighbors(matrix.view(), options, &pool, {}, {}).value();
  const Found got = OnDevice(matrix, neighbors, metric);
  EXPECT_EQ(got.indices, want.indices);
  EXPECT_EQ(got.distances, want.distances);
  if (again != nullptr) *again = got.compared_again;
}

TEST(CudaKnnTest, FindsTheNeighborsOfTheCpu) {
  int64_t again = -1;
  ExpectTheNeighborsOfTheCpu(Gaussian(400, 24, 1), 10, Metric::kEuclidean, &again);
  EXPECT_EQ(again, 0);
  ExpectTheNeighborsOfTheCpu(Gaussian(300, 1, 2), 7);
  ExpectTheNeighborsOfTheCpu(Gaussian(150, 100, 3), 140);
  ExpectTheNeighborsOfTheCpu(Gaussian(2, 3, 4), 1);
}

TEST(CudaKnnTest, FindsTheNeighborsByCosine) {
  Matrix matrix = Gaussian(500, 17, 5);
  for (int64_t i = 0; i < matrix.points; ++i) {  // lengths from 1e-3 to 1e3
    for (int64_t k = 0; k < matrix.dims; ++k) {
      matrix.at(i, k) *= std::pow(10.0F, static_cast<float>(i % 7) - 3);
    }
  }
  int64_t again = -1;
  ExpectTheNeighborsOfTheCpu(matrix, 12, Metric::kCosine, &again);
  EXPECT_EQ(again, 0);
}

// Far from the origin half precision of the rows themselves would tell nothing.
TEST(CudaKnnTest, FindsNeighborsFarFromTheOrigin) {
  Matrix matrix = Gaussian(400, 8, 6);
  for (float& value : matrix.values) value += 1e4F;
  int64_t again = -1;
  ExpectTheNeighborsOfTheCpu(matrix, 9, Metric::kEuclidean, &again);
  EXPECT_EQ(again, 0);
}

TEST(CudaKnnTest, OrdersEqualDistancesByRow) {
  Matrix grid = Zeros(400, 2);
  for (int64_t i = 0; i < 400; ++i) {
    grid.at(i, 0) = static_cast<float>(i % 20);
    grid.at(i, 1) = static_cast<float>(i / 20);
  }
  ExpectTheNeighborsOfTheCpu(grid, 6);
}

// 300 rows at one distance from each other: far more than there is room to keep.
TEST(CudaKnnTest, ComparesAgainWhatTheBoundLeavesOpen) {
  Matrix corners = Zeros(300, 300);
  for (int64_t i = 0; i < 300; ++i) corners.at(i, i) = 1;
  int64_t again = 0;
  ExpectTheNeighborsOfTheCpu(corners, 5, Metric::kEuclidean, &again);
  EXPECT_EQ(again, 300);
}

TEST(CudaKnnTest, TakesAnOutlierThatLeavesHalfPrecisionBlind) {
  Matrix matrix = Gaussian(300, 6, 7);
  matrix.at(17, 2) = 1e18F;
  matrix.at(18, 2) = -1e18F;
  int64_t again = 0;
  ExpectTheNeighborsOfTheCpu(matrix, 5, Metric::kEuclidean, &again);
  EXPECT_GT(again, 200);
}

TEST(CudaKnnTest, TakesCopiesAndConstantRows) {
  Matrix matrix = Gaussian(300, 5, 8);
  for (int64_t i = 0; i < 300; i += 3) {
    for (int64_t k = 0; k < 5; ++k) matrix.at(i, k) = matrix.at(i % 30, k);
  }
  ExpectTheNeighborsOfTheCpu(matrix, 8);
  ExpectTheNeighborsOfTheCpu(Zeros(60, 4), 7);
}

TEST(CudaKnnTest, StopsWhenAsked) {
  const Matrix matrix = Gaussian(50, 3, 10);
  std::vector<int32_t> columns(50);
  std::iota(columns.begin(), columns.end(), 0);
  std::vector<int32_t> indices(150);
  std::vector<float> distances(150);
  int64_t again = 0;
  std::stop_source source;
  source.request_stop();
  const Status status = FindNeighborsOnDevice({matrix.view(), {}, columns, 3}, indices, distances,
                                              &again, source.get_token(), {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
}

// Of a million columns hardly one passes: a warp is to wait for memory once for 128 of them.
TEST(CudaKnnTest, LooksAtManyColumnsAtOnceWhereNoneIsNear) {
  constexpr int64_t kRows = 5;
  constexpr int64_t kColumns = 1023;
  constexpr int kNeighbors = 3;
  const int64_t capacity = CandidateCapacity(kNeighbors);
  std::vector<float> distances(kRows * (kColumns + 1), 2);
  distances[2 * (kColumns + 1) + 1022] = 0.5F;
  std::vector<int32_t> numbers(kColumns);
  std::iota(numbers.begin(), numbers.end(), 100);
  std::vector<uint64_t> keys(static_cast<size_t>(kRows * capacity));
  std::vector<int32_t> counts(kRows, 0);
  std::vector<float> thresholds(kRows, 1);
  DeviceTile tile;
  tile.values = distances.data();
  tile.pitch = kColumns + 1;
  tile.rows = kRows;
  tile.columns = kColumns;
  tile.column_numbers = numbers.data();
  const int64_t votes = cuda_on_cpu::TheDevice().votes;
  ASSERT_TRUE(
      LaunchCollectNearest(
          tile, {keys.data(), counts.data(), thresholds.data(), capacity, kNeighbors}, nullptr)
          .ok());
  EXPECT_EQ(counts, (std::vector<int32_t>{0, 0, 1, 0, 0}));
  EXPECT_EQ(keys[static_cast<size_t>(2 * capacity)], CandidateKey(0.5F, 1122));
  // And once more for each of the four where one is near.
  EXPECT_EQ(cuda_on_cpu::TheDevice().votes - votes, 32 * (kRows * 8 + 4));
}

TEST(CandidateKeyTest, IsInTheOrderOfDistancesThenRows) {
  const std::vector<std::pair<float, int32_t>> sorted = {
      {-INFINITY, 0}, {-2.5F, 9}, {-1e-30F, 3}, {0, 1},     {0, 2},
      {1e-40F, 0},    {1, 5},     {1, 6},       {3e38F, 0}, {INFINITY, 0}};
  for (size_t at = 0; at < sorted.size(); ++at) {
    const uint64_t key = CandidateKey(sorted[at].first, sorted[at].second);
    EXPECT_EQ(DistanceOfKey(key), sorted[at].first);
    EXPECT_EQ(RowOfKey(key), sorted[at].second);
    if (at == 0) continue;
    EXPECT_LT(CandidateKey(sorted[at - 1].first, sorted[at - 1].second), key);
  }
}

// Rows are moved by as much as the bound allows, squares by as much again: what was nearer than the
// k-th stays below the bound.
TEST(CandidateBoundTest, HoldsWhereAllErrorsAreAsLargeAsTheyMayBe) {
  Random random(11);
  for (int round = 0; round < 1000; ++round) {
    RoundedRow row;
    row.square = static_cast<float>(1e6 * random.NextUniform());
    row.moved = static_cast<float>(3 * random.NextUniform());
    RoundingBounds bounds;
    bounds.norm = static_cast<float>(std::sqrt(row.square) + 100 * random.NextUniform());
    bounds.moved = static_cast<float>(row.moved + random.NextUniform());
    bounds.product = ProductError(1 + static_cast<int64_t>(500 * random.NextUniform()));
    const double error = SquareError(row, bounds);
    const double shift = double{row.moved} + bounds.moved;
    const double far = 300 * random.NextUniform();  // of the k-th, in truth
    const double near = far * random.NextUniform();
    // The k-th appears nearer than it is, the other farther.
    const double kth = std::pow(std::max(far - shift, 0.0), 2) - error;
    const double other = std::pow(near + shift, 2) + error;
    EXPECT_GE(CandidateBound(static_cast<float>(kth), row, bounds) * (1 + 1e-6), other);
  }
}

TEST(HalfScaleTest, FillsTheRangeOfHalfPrecision) {
  for (const double largest : {1e-300, 1e-30, 0.7, 1.0, 255.0, 6.8e38}) {
    const double scaled = largest * HalfScale(largest);
    EXPECT_GT(scaled, 4000);
    EXPECT_LE(scaled, 8192);
  }
  EXPECT_EQ(HalfScale(0), 1);
}

}  // namespace
}  // namespace spirogram::projector
