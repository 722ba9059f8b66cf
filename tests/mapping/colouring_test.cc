#include "mapping/colouring.h"

#include <gmock/gmock.h>

#include <string>

#include "base/file.h"
#include "base/str.h"

namespace spirogram::mapping {
namespace {

using ::testing::HasSubstr;

Table TableOf(const std::vector<std::string>& column) {
  Table table;
  table.points = std::ssize(column);
  table.metadata.columns = {"kind"};
  table.metadata.values = {column};
  return table;
}

Colouring MustColour(const std::vector<std::string>& column, const Theme& theme = kLightTheme) {
  const auto colouring = ColourBy(TableOf(column), "kind", theme);
  EXPECT_TRUE(colouring.ok());
  return *colouring;
}

TEST(ColouringTest, HasThePalettesOfThePages) {
  const auto text = ReadFile(SPIROGRAM_COLOUR_TS, size_t{1} << 20);
  ASSERT_TRUE(text.ok());
  for (const bool is_dark : {false, true}) {
    size_t at = text->find(is_dark ? "const kDark = [" : "const kLight = [");
    for (const uint32_t colour : ThemeOf(is_dark).categories) {
      at = text->find("'#", at);
      ASSERT_NE(at, std::string::npos);
      EXPECT_EQ(Hex32(colour).substr(4), text->substr(at + 2, 6));
      at += 2;
    }
    const Theme& theme = ThemeOf(is_dark);
    EXPECT_THAT(*text, HasSubstr(StrCat("scaleTable('viridis', ", theme.scale_from, ", ",
                                        theme.scale_to, ")")));
  }
  EXPECT_THAT(*text, HasSubstr(StrCat("kOtherColour = '#", Hex32(kOtherColour).substr(4))));
}

TEST(ColouringTest, GivesCategoriesColoursInTheOrderOfTheirNames) {
  const Colouring colouring = MustColour({"item 10", "item 2", "item 10", ""});
  ASSERT_EQ(colouring.legend.size(), 3U);
  EXPECT_EQ(colouring.legend[0].label, "(empty)");
  EXPECT_EQ(colouring.legend[1].label, "item 2");
  EXPECT_EQ(colouring.legend[2].label, "item 10");
  EXPECT_EQ(colouring.legend[2].points, 2);
  EXPECT_EQ(colouring.colours[0], colouring.legend[2].colour);
  EXPECT_EQ(colouring.colours[1], FromHex(kLightTheme.categories[1]));
  EXPECT_FALSE(colouring.is_scale);
}

TEST(ColouringTest, PutsSmallCategoriesBeyondTheTwentiethTogether) {
  std::vector<std::string> column;
  for (int i = 0; i < 25; ++i) {
    column.insert(column.end(), i < 20 ? 2U : 1U, StrCat("c", i));
  }
  const Colouring colouring = MustColour(column);
  ASSERT_EQ(colouring.legend.size(), 21U);
  EXPECT_EQ(colouring.legend.back().label, "other (5 values)");
  EXPECT_EQ(colouring.legend.back().points, 5);
  EXPECT_EQ(colouring.colours.back(), FromHex(kOtherColour));
}

TEST(ColouringTest, LaysManyNumbersOnAScaleAndLeavesHolesGrey) {
  std::vector<std::string> column = {"", "nan"};
  for (int i = 0; i < 13; ++i) column.push_back(StrCat(i));
  const Colouring colouring = MustColour(column);
  EXPECT_TRUE(colouring.is_scale);
  EXPECT_EQ(colouring.colours[0], FromHex(kOtherColour));
  EXPECT_EQ(colouring.colours[1], FromHex(kOtherColour));
  EXPECT_EQ(colouring.colours[2], FromHex(kViridis.front()));
  EXPECT_EQ(colouring.colours.back(), ScaleColour(1, kLightTheme));
  EXPECT_EQ(MustColour(column, kDarkTheme).colours.back(), FromHex(kViridis.back()));
  EXPECT_EQ(colouring.legend.front().label, "0");
  EXPECT_EQ(colouring.legend.back().label, "12");
  ASSERT_TRUE(colouring.without_number.has_value());
  EXPECT_EQ(colouring.without_number->points, 2);
  EXPECT_FALSE(MustColour({column.begin() + 2, column.end()}).without_number.has_value());
}

TEST(ColouringTest, TakesWordsForNoValueAsHolesInAScale) {
  std::vector<std::string> column = {"nan", "None", "N/A", " null ", "NA"};
  for (int i = 0; i <= 12; ++i) column.push_back(StrCat(i));
  const Colouring colouring = MustColour(column);
  ASSERT_TRUE(colouring.is_scale);
  EXPECT_EQ(colouring.colours[1], FromHex(kOtherColour));
  EXPECT_EQ(colouring.legend.back().label, "12");
  column.push_back("unknown");
  EXPECT_FALSE(MustColour(column).is_scale);
}

TEST(ColouringTest, KeepsFewNumbersAsCategories) {
  EXPECT_FALSE(MustColour({"0", "1", "2", "9"}).is_scale);
}

TEST(ColouringTest, NamesTheColumnsThatThereAre) {
  const auto none = ColourBy(TableOf({"a"}), "genre", kLightTheme);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("there are: kind"));
}

TEST(ColouringTest, OrdersNamesAsPeopleCount) {
  EXPECT_TRUE(NaturalLess("item 2", "item 10"));
  EXPECT_FALSE(NaturalLess("item 10", "item 2"));
  EXPECT_TRUE(NaturalLess("a", "b"));
  EXPECT_TRUE(NaturalLess("a", "a1"));
  EXPECT_FALSE(NaturalLess("a", "a"));
  EXPECT_NE(NaturalLess("a01", "a1"), NaturalLess("a1", "a01"));  // one order for both
}

}  // namespace
}  // namespace spirogram::mapping
