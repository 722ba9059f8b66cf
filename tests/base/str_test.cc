#include "base/str.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace spirogram {
namespace {

TEST(StrTest, CatPrintsNumbersInTheirShortestExactForm) {
  EXPECT_EQ(StrCat("record ", 17, " of ", std::string("f"), ':', 0.1), "record 17 of f:0.1");
  EXPECT_EQ(StrCat(int64_t{-9'223'372'036'854'775'807}), "-9223372036854775807");
  EXPECT_EQ(StrCat(true), "true");
}

TEST(StrTest, ParsesOnlyWholeNumbers) {
  EXPECT_EQ(ParseNumber<int64_t>("-12"), -12);
  EXPECT_EQ(ParseNumber<double>("1e3"), 1000.0);
  for (const char* bad : {"", " 1", "1 ", "1x", "+1", "99999999999999999999"}) {
    EXPECT_EQ(ParseNumber<int64_t>(bad), std::nullopt) << '"' << bad << '"';
  }
}

TEST(StrTest, SplitsKeepingEmptyParts) {
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string_view>{""}));
}

TEST(StrTest, Hex32PadsToEightDigits) {
  EXPECT_EQ(Hex32(0xab12), "0x0000ab12");
}

TEST(StrTest, KeepsValidUtf8AndReplacesTheRest) {
  EXPECT_EQ(ToValidUtf8("Größe 重み 🫁"), "Größe 重み 🫁");
  EXPECT_EQ(ToValidUtf8("a\xff z"), "a\xEF\xBF\xBD z");
  EXPECT_EQ(ToValidUtf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");              // overlong '/'
  EXPECT_EQ(ToValidUtf8("\xED\xA0\x80").find("\xED\xA0"), std::string::npos);  // surrogate
  EXPECT_EQ(ToValidUtf8("\xE9\x87"), "\xEF\xBF\xBD\xEF\xBF\xBD");              // cut off
}

TEST(StrTest, QuotesTheBeginningOfALongNameAndItsLength) {
  EXPECT_EQ(Quoted("größe"), "\"größe\"");
  EXPECT_EQ(Quoted(std::string(200, 'x')), StrCat('"', std::string(200, 'x'), '"'));
  EXPECT_EQ(Quoted(std::string(1 << 20, 'x')),
            StrCat('"', std::string(200, 'x'), "...\" (1048576 bytes)"));
  EXPECT_EQ(Excerpt(std::string(300, 'x')), StrCat(std::string(200, 'x'), "... (300 bytes)"));
  EXPECT_EQ(Excerpt("a\xFF"), "a\xEF\xBF\xBD");
}

TEST(StrTest, CutsALongNameBetweenCharacters) {
  // The 200th byte is the first of a character of two.
  const std::string name = std::string(199, 'x') + std::string(100, '\xC3') + "\xB6";
  std::string umlauts(199, 'x');
  for (int i = 0; i < 100; ++i) umlauts += "ö";
  EXPECT_EQ(Excerpt(umlauts), StrCat(std::string(199, 'x'), "... (399 bytes)"));
  EXPECT_EQ(Excerpt(name), StrCat(std::string(199, 'x'), "\xEF\xBF\xBD... (300 bytes)"));
}

}  // namespace
}  // namespace spirogram
