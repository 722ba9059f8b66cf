#include "diagnosis/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace spirogram::diagnosis {
namespace {

TEST(TextTest, SeparatesThousands) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(1'000), "1,000");
  EXPECT_EQ(Thousands(-1'234'567), "-1,234,567");
  EXPECT_EQ(Thousands(-123), "-123");
  EXPECT_EQ(Thousands(INT64_MIN), "-9,223,372,036,854,775,808");
}

TEST(TextTest, TellsOneFromMany) {
  EXPECT_EQ(Counted(1, "unit"), "1 unit");
  EXPECT_EQ(Counted(0, "unit"), "0 units");
  EXPECT_EQ(Counted(1'204, "row"), "1,204 rows");
  EXPECT_EQ(IsAre(1), "is");
  EXPECT_EQ(IsAre(2), "are");
}

TEST(TextTest, RoundsSharesButNeverToAllOrNothing) {
  EXPECT_EQ(Percent(0), "0 %");
  EXPECT_EQ(Percent(1), "100 %");
  EXPECT_EQ(Percent(0.61), "61 %");
  EXPECT_EQ(Percent(0.055), "5.5 %");
  EXPECT_EQ(Percent(0.00042), "0.042 %");
  EXPECT_EQ(Percent(0.9999), "over 99.9 %");
  EXPECT_EQ(Percent(5.7e32), "5.7e34 %");
  EXPECT_EQ(Percent(std::nan("")), "an unknown share");
}

TEST(TextTest, WritesDecimalsWhereTwoDigitsAreTooFew) {
  EXPECT_EQ(Decimals(1.4612, 2), "1.46");
  EXPECT_EQ(Decimals(2.5, 2), "2.5");
  EXPECT_EQ(Decimals(3, 4), "3");
  EXPECT_EQ(Decimals(0.95533, 4), "0.9553");
}

TEST(TextTest, WritesNumbersWithTwoDigits) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(0.0021), "0.0021");
  EXPECT_EQ(Number(4.1e-8), "4.1e-8");
  EXPECT_EQ(Number(23'456), "23,000");
  EXPECT_EQ(Number(3.14159), "3.1");
  EXPECT_EQ(Number(1.2e12), "1.2e12");
  EXPECT_EQ(Number(1e-300), "1.0e-300");
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity()), "Inf");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(Number(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(TextTest, ListsIdsAndCountsTheRest) {
  EXPECT_EQ(IdList(std::vector<int64_t>{}, 0), "none");
  EXPECT_EQ(IdList(std::vector<int64_t>{7}, 1), "7");
  EXPECT_EQ(IdList(std::vector<int64_t>{3, 7, 12}, 3), "3, 7 and 12");
  EXPECT_EQ(IdList(std::vector<int64_t>{3, 7, 12}, 1'003), "3, 7, 12 and 1,000 more");
}

TEST(TextTest, NamesARangeOfSteps) {
  EXPECT_EQ(StepRange(401, 1'500), "steps 401 to 1,500");
  EXPECT_EQ(StepRange(500, 500), "step 500");
  EXPECT_EQ(StepRange(600, 500), "step 500");
}

}  // namespace
}  // namespace spirogram::diagnosis
