#include "projector/finite_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace spirogram::projector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(FiniteRowsTest, FindsTheRowsThatHoldWhatIsNotFinite) {
  const std::vector<float> values = {1,          2,     kNan,   3, 4, 5,     6,
                                     -kInfinity, 1e30F, -1e30F, 2, 2, 2e30F, 1};
  const MatrixView matrix{values, 7, 2};
  EXPECT_THAT(*FindRowsToLeaveOut(matrix), ElementsAre(1, 3, 6));
  EXPECT_EQ(DescribeRows(matrix, *FindRowsToLeaveOut(matrix)),
            "1 (column 0 is NaN), 3 (column 1 is -Inf), 6 (column 0 is 2e+30, beyond 1e+30)");
  EXPECT_THAT(*FindRowsToLeaveOut({std::span(values).first(2), 1, 2}), IsEmpty());
}

TEST(FiniteRowsTest, RefusesATableOfWhichMostIsBroken) {
  const std::vector<float> values = {1, kNan, 2, kNan, 3, kNan, 4, 4};
  const auto rows = FindRowsToLeaveOut({values, 4, 2});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(rows.error().message, HasSubstr("3 of 4 rows hold NaN or Inf"));
  EXPECT_THAT(rows.error().message, HasSubstr("column 1 in 3 rows"));
  const std::vector<float> huge = {5e30F, 0};
  EXPECT_THAT(FindRowsToLeaveOut({huge, 1, 2}).error().message,
              HasSubstr("1 of 1 rows hold NaN or Inf or a number beyond 1e+30"));
  EXPECT_TRUE(FindRowsToLeaveOut({std::span(values).subspan(4), 2, 2}).ok()) << "half is not most";
  EXPECT_FALSE(FindRowsToLeaveOut({std::span(values).first(2), 1, 2}).ok()) << "the only row";
}

TEST(FiniteRowsTest, LeavesZerosOutForCosineAlone) {
  const std::vector<float> values = {1, 2, 0, -0.0F, 0, kNan, 0, 1e-45F, 3, 0};
  const MatrixView matrix{values, 5, 2};
  EXPECT_THAT(*FindRowsToLeaveOut(matrix), ElementsAre(2));
  EXPECT_THAT(*FindRowsToLeaveOut(matrix, Metric::kCosine), ElementsAre(1, 2));
  EXPECT_EQ(DescribeRows(matrix, std::vector<int64_t>{1, 2}), "1 (all zeros), 2 (column 1 is NaN)");
  const auto rows = FindRowsToLeaveOut({std::span(values).subspan(2, 2), 1, 2}, Metric::kCosine);
  ASSERT_FALSE(rows.ok());
  EXPECT_THAT(rows.error().message, HasSubstr("zeros alone, want at most half of them: row 0 (all "
                                              "zeros), counted from 0"));
}

TEST(FiniteRowsTest, PutsRowsBackWhereTheyWere) {
  const std::vector<std::vector<int64_t>> cases = {{}, {0}, {4}, {0, 1}, {1, 3}, {3, 4}, {0, 2, 4}};
  for (const auto& rows : cases) {
    std::vector<float> values = {0, 1, 10, 11, 20, 21, 30, 31, 40, 41};
    TakeRowsOut(rows, 2, &values);
    ASSERT_EQ(values.size(), 10 - 2 * rows.size());
    const std::vector<float> back = PutRowsBack(rows, 2, values);
    ASSERT_EQ(back.size(), 10U);
    const std::vector<int64_t> stay = RowsThatStay(rows, 5);
    EXPECT_EQ(stay.size() + rows.size(), 5U);
    for (const int64_t row : stay) {
      EXPECT_EQ(back[static_cast<size_t>(2 * row)], static_cast<float>(10 * row));
      EXPECT_EQ(back[static_cast<size_t>(2 * row + 1)], static_cast<float>(10 * row + 1));
    }
    for (const int64_t row : rows) EXPECT_TRUE(std::isnan(back[static_cast<size_t>(2 * row)]));
  }
}

TEST(FiniteRowsTest, NamesTheFirstOfMany) {
  const std::vector<float> values(20, kInfinity);
  EXPECT_THAT(DescribeRows({values, 20, 1}, std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7}),
              HasSubstr("5 (column 0 is Inf) and 2 more"));
}

}  // namespace
}  // namespace spirogram::projector
