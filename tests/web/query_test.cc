#include "web/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PercentDecodeTest, DecodesExactlyOnce) {
  EXPECT_EQ(*PercentDecode("a%2Fb%20c", PlusSign::kLiteral), "a/b c");
  EXPECT_EQ(*PercentDecode("%252e%252E", PlusSign::kLiteral), "%2e%2E");
  EXPECT_EQ(*PercentDecode("K%C3%B6ln", PlusSign::kLiteral), "K\xC3\xB6ln");
  EXPECT_EQ(*PercentDecode("a+b", PlusSign::kLiteral), "a+b");
  EXPECT_EQ(*PercentDecode("a+b%2B", PlusSign::kSpace), "a b+");
}

TEST(PercentDecodeTest, RefusesBadEscapesAndBrokenUtf8) {
  for (const char* text :
       {"%", "%2", "a%2", "%zz", "%2g", "%%20", "%FF", "%C3", "%C0%AE", "%ED%A0%80"}) {
    EXPECT_FALSE(PercentDecode(text, PlusSign::kLiteral).ok()) << text;
  }
}

TEST(PercentDecodeTest, TakesNulForACharacter) {
  EXPECT_EQ(*PercentDecode("a%00b", PlusSign::kLiteral), std::string("a\0b", 3));
  const auto query = Query::Parse("run=1%00&tag=%00");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(*query->Find("tag"), std::string(1, '\0'));
  EXPECT_FALSE(query->Integer("run", {}).ok());
}

TEST(QueryTest, FindsDecodedValues) {
  const auto query = Query::Parse("run=1&tag=loss%2Ftrain&empty=&flag");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(*query->Find("tag"), "loss/train");
  EXPECT_EQ(*query->Find("empty"), "");
  EXPECT_EQ(*query->Find("flag"), "");
  EXPECT_EQ(query->Find("other"), nullptr);
}

TEST(QueryTest, RefusesRepeatedAndNamelessParameters) {
  for (const char* text : {"a=1&a=2", "a=1&%61=2", "=1", "&", "a=1&", "a=%", "%=1"}) {
    EXPECT_FALSE(Query::Parse(text).ok()) << text;
  }
}

TEST(QueryTest, NamesBothSidesOfAWrongInteger) {
  const auto query = Query::Parse("rows=x&big=99999999999999999999&low=2&space=+3");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->Integer("rows", {3, 10000}).error().message,
            "query parameter rows: got \"x\", want an integer from 3 to 10000");
  EXPECT_FALSE(query->Integer("big", {}).ok());
  EXPECT_FALSE(query->Integer("low", {3, 10000}).ok());
  EXPECT_FALSE(query->Integer("space", {}).ok());
  EXPECT_EQ(*query->Integer("absent", {}, 7), 7);
  EXPECT_THAT(query->Integer("absent", {}).error().message, HasSubstr("missing"));
}

TEST(QueryTest, ReadsAsManyNumbersAsAreWanted) {
  const auto query = Query::Parse("view=-1,0.5,1e3,2&few=1&word=1,x&far=1,inf&long=1,2,3");
  ASSERT_TRUE(query.ok());
  EXPECT_THAT(*query->Numbers("view", 4), ElementsAre(-1, 0.5, 1000, 2));
  EXPECT_TRUE(query->Numbers("absent", 4)->empty());
  for (const char* name : {"few", "word", "far", "long"}) {
    EXPECT_FALSE(query->Numbers(name, 2).ok()) << name;
  }
}

TEST(QueryTest, ReadsIdsUpToABound) {
  const auto query = Query::Parse("run=3,1,2&bad=1,,2&zero=0");
  ASSERT_TRUE(query.ok());
  EXPECT_THAT(*query->Ids("run", 3), ElementsAre(3, 1, 2));
  EXPECT_FALSE(query->Ids("run", 2).ok());
  EXPECT_FALSE(query->Ids("bad", 9).ok());
  EXPECT_FALSE(query->Ids("zero", 9).ok());
  EXPECT_TRUE(query->Ids("absent", 9)->empty());
}

}  // namespace
}  // namespace spirogram::web
