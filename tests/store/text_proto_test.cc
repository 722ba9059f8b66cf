#include "store/text_proto.h"

#include <gmock/gmock.h>

#include <string>

namespace spirogram::store {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(TextProtoTest, ReadsScalarsMessagesAndLists) {
  const auto read = ParseTextProto(R"(
# a comment
name: "a\tb" 'c'   # strings that follow each other are one
number: -12, flag: true;
shape: [57, 26]
message { inner: 1.5e3 inner < deep: "x" > }
[type.googleapis.com/Thing] { skipped: 1 }
)");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_THAT(*read, SizeIs(7));
  EXPECT_EQ((*read)[0].value, "a\tbc");
  EXPECT_EQ((*read)[1].value, "-12");
  EXPECT_EQ((*read)[2].value, "true");
  EXPECT_EQ((*read)[4].value, "26");
  ASSERT_THAT((*read)[5].fields, SizeIs(2));
  EXPECT_EQ((*read)[5].fields[0].value, "1.5e3");
  EXPECT_EQ((*read)[5].fields[1].fields[0].value, "x");
}

TEST(TextProtoTest, ReadsEveryEscape) {
  const auto read = ParseTextProto(R"(s: "\n\\\"\'\101\x41\u00e9\U0001F600\303\251")");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ((*read)[0].value, "\n\\\"'AA\xC3\xA9\xF0\x9F\x98\x80\xC3\xA9");
}

TEST(TextProtoTest, NamesTheLineOfWhatIsWrong) {
  for (const char* text : {"a: 1\nb", "a: 1\n: 2", "a: 1\nm {", "a: 1\ns: \"x", "a: 1\nl: [1",
                           "a: 1\n}", "a: 1\nb: ]", "a: 1\n[ext", "a: 1\nm { x: 1 >"}) {
    const auto read = ParseTextProto(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message, HasSubstr("line 2")) << text;
  }
}

TEST(TextProtoTest, HasBounds) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "m{";
  EXPECT_THAT(ParseTextProto(deep).error().message, HasSubstr("32 levels"));
  std::string many;
  for (int i = 0; i < 100'001; ++i) many += "a:1 ";
  EXPECT_THAT(ParseTextProto(many).error().message, HasSubstr("100000 fields"));
  EXPECT_TRUE(ParseTextProto(std::string(1'000, 'n') + ": [1, 1]").ok());
  EXPECT_THAT(ParseTextProto(std::string(1'001, 'n') + ": [1, 1]").error().message,
              HasSubstr("name of more than 1000 bytes"));
}

TEST(TextProtoTest, EndsAtEveryCut) {
  const std::string text = R"(a { b: "x\303\251" c: [1, {d: 'y'}] } # e)";
  for (size_t size = 0; size <= text.size(); ++size) {
    static_cast<void>(ParseTextProto(text.substr(0, size)).ok());
  }
  EXPECT_TRUE(ParseTextProto("").ok());
  EXPECT_FALSE(ParseTextProto(std::string("a: 1\0b", 6)).ok());
}

}  // namespace
}  // namespace spirogram::store
