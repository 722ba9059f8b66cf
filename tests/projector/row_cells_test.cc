#include "projector/row_cells.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "projector/knn_tile.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

class RowCellsTest : public testing::Test {
 protected:
  std::optional<RowCells> Make(const Matrix& matrix, int threads, std::stop_token stop = {}) {
    ThreadPool pool(threads);
    const RowDistance distance(matrix.view(), Metric::kEuclidean);
    std::vector<int32_t> rows(static_cast<size_t>(matrix.points));
    std::iota(rows.begin(), rows.end(), 0);
    const ScaledRows values(matrix.view(), Metric::kEuclidean, distance, rows);
    return MakeRowCells(values, rows, 1, &pool, stop);
  }
};

TEST_F(RowCellsTest, HaveEveryRowOnceWithItsValues) {
  Matrix matrix = Clusters(3000, 10, 7, 20, 1);
  const auto cells = Make(matrix, 2);
  ASSERT_TRUE(cells);
  EXPECT_GT(cells->size(), 7);
  // Scaled by a power of two: one value tells which.
  const float scale = cells->Panels(0)[0] / matrix.at(cells->Rows(0)[0], 0);
  EXPECT_EQ(std::exp2(std::round(std::log2(scale))), scale);
  std::vector<int> seen(3000, 0);
  for (int64_t cell = 0; cell < cells->size(); ++cell) {
    const std::span<const int32_t> rows = cells->Rows(cell);
    ASSERT_FALSE(rows.empty());
    double variance = 0;
    for (size_t at = 0; at < rows.size(); ++at) {
      ++seen[static_cast<size_t>(rows[at])];
      for (int64_t k = 0; k < 10; ++k) {
        const float* panel = cells->Panels(cell) + at / kPanelRows * kPanelRows * 10;
        const float value = panel[k * kPanelRows + static_cast<int64_t>(at % kPanelRows)];
        ASSERT_EQ(value, scale * matrix.at(rows[at], k));
        variance += std::pow(double{value} - cells->Centre(cell)[k], 2);
      }
    }
    variance /= static_cast<double>(rows.size());
    EXPECT_NEAR(cells->variances[static_cast<size_t>(cell)], variance, 1e-5 * variance + 1e-12);
  }
  EXPECT_EQ(seen, std::vector<int>(3000, 1));
}

TEST_F(RowCellsTest, KeepDistantCloudsApart) {
  const Matrix matrix = Clusters(5000, 8, 5, 1000, 2);
  const auto cells = Make(matrix, 2);
  ASSERT_TRUE(cells);
  for (int64_t cell = 0; cell < cells->size(); ++cell) {
    for (const int32_t row : cells->Rows(cell)) {
      EXPECT_EQ(row % 5, cells->Rows(cell)[0] % 5) << "cell " << cell;
    }
  }
}

TEST_F(RowCellsTest, DoNotDependOnTheNumberOfThreads) {
  const Matrix matrix = Gaussian(4000, 6, 3);
  const auto one = Make(matrix, 1);
  const auto five = Make(matrix, 5);
  ASSERT_TRUE(one && five);
  EXPECT_EQ(one->rows, five->rows);
  EXPECT_EQ(one->centres, five->centres);
}

TEST_F(RowCellsTest, AreOfOneRowOrOfEqualRowsToo) {
  const auto one = Make(Gaussian(1, 3, 4), 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->size(), 1);
  const auto equal = Make(Zeros(1000, 3), 2);
  ASSERT_TRUE(equal);
  EXPECT_EQ(equal->size(), 1);  // of centres in one place the first gets all
  EXPECT_EQ(equal->variances[0], 0);
}

TEST_F(RowCellsTest, StopWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(Make(Gaussian(1000, 3, 5), 2, stop.get_token()));
}

}  // namespace
}  // namespace spirogram::projector
