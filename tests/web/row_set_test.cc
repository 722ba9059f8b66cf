#include "web/row_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<uint32_t> Rows(std::string_view text) {
  const auto rows = ParseRowSet(text);
  return rows.ok() ? UnfoldRows(*rows) : std::vector<uint32_t>{404};
}

std::string Complaint(std::string_view text) {
  const auto rows = ParseRowSet(text);
  return rows.ok() ? "" : rows.error().message;
}

TEST(RowSetTest, ReadsRangesAndSingleRows) {
  EXPECT_THAT(Rows("0-2,9"), ElementsAre(0, 1, 2, 9));
  EXPECT_THAT(Rows("7"), ElementsAre(7));
  EXPECT_TRUE(Rows("").empty());
  EXPECT_EQ(CountRows(*ParseRowSet("0-4,9")), 6);
}

TEST(RowSetTest, ReadsTheBitmapsOfThePages) {
  // What static/src/base/row_set.ts writes for rows 0, 2, 4 and 9: bytes 0x15, 0x02.
  EXPECT_THAT(Rows("~FQI"), ElementsAre(0, 2, 4, 9));
  EXPECT_THAT(Rows("~__8"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_EQ(ParseRowSet("~__8")->size(), 1u);
  EXPECT_THAT(Complaint("~F*I"), HasSubstr("base64url"));
}

TEST(RowSetTest, TakesNoMoreMemoryThanTheTextHoweverLargeItsNumbers) {
  const auto rows = ParseRowSet("0-4294967295");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), 1u);
  EXPECT_EQ(CountRows(*rows), int64_t{1} << 32);
}

TEST(RowSetTest, NamesThePartThatIsNoRange) {
  EXPECT_THAT(Complaint("1,x,3"), HasSubstr("got \"x\""));
  EXPECT_THAT(Complaint("4-1"), HasSubstr("got \"4-1\""));
  EXPECT_THAT(Complaint("-1"), HasSubstr("got \"-1\""));
  EXPECT_THAT(Complaint("5,,6"), HasSubstr("got \"\""));
  EXPECT_THAT(Complaint("4294967296"), HasSubstr("want a row"));
  EXPECT_THAT(Complaint("5-9,9"), HasSubstr("9 comes after 9"));
}

}  // namespace
}  // namespace spirogram::web
