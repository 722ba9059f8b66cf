#include "projector/far_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "projector/findings.h"
#include "projector/statistics.h"
#include "tests/projector/embedding_cases.h"

namespace spirogram::projector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void ScaleRow(int64_t row, float by, Matrix* matrix) {
  for (int64_t k = 0; k < matrix->dims; ++k) matrix->at(row, k) *= by;
}

TEST(FarRowsTest, AreThoseThatHoldTheVariance) {
  Matrix matrix = Gaussian(3000, 48, 40);
  ScaleRow(17, 100, &matrix);
  ScaleRow(2900, 500, &matrix);
  const FarRows far = FindFarRows(matrix.view());
  EXPECT_THAT(far.rows, ElementsAre(17, 2900));
  EXPECT_EQ(far.farthest, 2900);
  EXPECT_NEAR(far.times, 500, 100);
  EXPECT_GT(far.variance_share, 0.97);
}

TEST(FarRowsTest, AreNoneOfATail) {
  EXPECT_THAT(FindFarRows(Isotropic().view()).rows, IsEmpty());
  EXPECT_THAT(FindFarRows(LognormalNorms().view()).rows, IsEmpty());
  EXPECT_THAT(FindFarRows(Clouds(5, 0.02F, 41).view()).rows, IsEmpty());
  Matrix matrix = Gaussian(1000, 8, 42);
  for (int64_t row = 0; row < 11; ++row) ScaleRow(row, 1000, &matrix);
  EXPECT_THAT(FindFarRows(matrix.view()).rows, IsEmpty());  // more than 1 %
  ScaleRow(0, 0.001F, &matrix);
  EXPECT_EQ(FindFarRows(matrix.view()).rows.size(), 10U);
}

TEST(FarRowsTest, AreNoneOfEqualOrFewRows) {
  EXPECT_THAT(FindFarRows(Zeros(100, 4).view()).rows, IsEmpty());
  Matrix matrix = Gaussian(19, 4, 43);
  ScaleRow(3, 1e6F, &matrix);
  EXPECT_THAT(FindFarRows(matrix.view()).rows, IsEmpty());
}

TEST(FarRowsTest, AreNamedAsAFinding) {
  Matrix matrix = Gaussian(1000, 8, 44);
  ScaleRow(5, 1000, &matrix);
  const EmbeddingFinding one = DescribeFarRows(FindFarRows(matrix.view()));
  EXPECT_EQ(one.title, "1 row lies far from all others");
  EXPECT_THAT(one.summary, HasSubstr("Row 5, "));
  EXPECT_THAT(one.rows, ElementsAre(5));
  ScaleRow(6, 2000, &matrix);
  const EmbeddingFinding two = DescribeFarRows(FindFarRows(matrix.view()));
  EXPECT_EQ(two.title, "2 rows lie far from all others");
  EXPECT_THAT(two.summary, HasSubstr("The farthest is row 6, "));
  EXPECT_EQ(two.affected, 2);
}

// One id that diverged is no collapse of the table, in the report of a run either, and no decline.
TEST(FarRowsTest, HideNoHealthyTable) {
  ThreadPool pool(2);
  Matrix matrix = Gaussian(1500, 48, 45);
  ScaleRow(700, 1e4F, &matrix);
  const auto statistics = ComputeSampleStatistics(matrix.view(), &pool, {});
  ASSERT_TRUE(statistics.ok());
  EXPECT_THAT(FindEmbeddingFaults(*statistics, {}, {}), IsEmpty());
  const auto checkpoint = MeasureCheckpoint(matrix.view(), &pool, {});
  ASSERT_TRUE(checkpoint.ok());
  EXPECT_GT(checkpoint->rankme_centred, 45);
}

}  // namespace
}  // namespace spirogram::projector
