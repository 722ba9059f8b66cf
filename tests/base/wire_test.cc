#include "base/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace spirogram {
namespace {

using Type = WireReader::Type;

std::string Message() {
  std::string out;
  AppendVarint(1 << 3, &out);
  AppendVarint(std::numeric_limits<uint64_t>::max(), &out);
  AppendBytesField(2, "text", &out);
  out.append("\x19\0\0\0\0\0\0\xf8\x3f", 9);  // field 3, fixed64: 1.5
  out.append("\x25\0\0\x20\xc0", 5);          // field 4, fixed32: -2.5
  AppendBytesField(1000, {}, &out);
  return out;
}

TEST(WireTest, ReadsEveryTypeOfField) {
  const std::string message = Message();
  WireReader reader(message);
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.Is(1, Type::kVarint));
  EXPECT_EQ(reader.number(), std::numeric_limits<uint64_t>::max());
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.Is(2, Type::kBytes));
  EXPECT_EQ(reader.bytes(), "text");
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.Is(3, Type::kFixed64));
  EXPECT_EQ(reader.fixed64_double(), 1.5);
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.Is(4, Type::kFixed32));
  EXPECT_EQ(reader.fixed32_float(), -2.5F);
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.Is(1000, Type::kBytes));
  EXPECT_EQ(reader.bytes(), "");
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.ok());
}

TEST(WireTest, RawFieldsTogetherAreTheMessage) {
  const std::string message = Message();
  std::string copy;
  for (WireReader reader(message); reader.Next();) copy.append(reader.raw());
  EXPECT_EQ(copy, message);
}

// A message that is cut between two fields is a shorter message; cut elsewhere it is malformed.
TEST(WireTest, NoticesEveryCutWithinAField) {
  const std::string message = Message();
  std::vector<size_t> ends = {0};
  for (WireReader reader(message); reader.Next();)
    ends.push_back(ends.back() + reader.raw().size());
  for (size_t size = 0; size < message.size(); ++size) {
    WireReader reader(std::string_view(message).substr(0, size));
    while (reader.Next()) {
    }
    const bool is_between = std::find(ends.begin(), ends.end(), size) != ends.end();
    EXPECT_EQ(reader.ok(), is_between) << "cut at " << size;
  }
}

// As protobuf's parsers do with fields that a message does not know.
TEST(WireTest, PassesOverGroups) {
  const std::string group =
      "\x1b"  // field 3: a group of a number, of a group that holds a text, and of an empty one
      "\x08\x07\x2b\x12\x02hi\x2c\x1b\x1c"
      "\x1c";
  std::string message = group;
  AppendBytesField(2, "text", &message);
  message += group;
  WireReader reader(message);
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.Is(2, Type::kBytes));
  EXPECT_EQ(reader.bytes(), "text");
  EXPECT_EQ(reader.raw().size(), 6u);
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.ok());
}

TEST(WireTest, BoundsHowDeepGroupsNest) {
  for (const size_t depth : {100u, 101u}) {
    const std::string message = std::string(depth, '\x0b') + std::string(depth, '\x0c');
    WireReader reader(message);
    EXPECT_FALSE(reader.Next());
    EXPECT_EQ(reader.ok(), depth == 100);
  }
}

TEST(WireTest, RefusesWhatIsNoField) {
  const std::vector<std::string> cases = {
      std::string(1, '\0'),                           // field 0
      "\x0b\x08\x01",                                 // a group without an end
      "\x0b\x14",                                     // one with the end of another
      "\x0b\x0a\x7f\x0c",                             // one whose field is longer than it
      "\x0c",                                         // an end alone
      "\x0f",                                         // type 7
      "\x0a\x7f short",                               // longer than what is there
      std::string(10, '\xff') + "\x01",               // a key of more than ten bytes
      "\xff\xff\xff\xff\x7f\x01",                     // a field beyond 2^29 - 1
      "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"  // 2^64 - 1 bytes
  };
  for (const std::string& bytes : cases) {
    WireReader reader(bytes);
    EXPECT_FALSE(reader.Next()) << ::testing::PrintToString(bytes);
    EXPECT_FALSE(reader.ok()) << ::testing::PrintToString(bytes);
    EXPECT_FALSE(reader.Next()) << "stays so";
  }
}

TEST(WireTest, ReadsPackedNumbers) {
  std::string packed;
  for (const uint64_t value : {1, 300, 0}) AppendVarint(value, &packed);
  WireReader reader(packed);
  std::vector<uint64_t> values;
  while (reader.NextPacked(Type::kVarint)) values.push_back(reader.number());
  EXPECT_TRUE(reader.ok());
  EXPECT_THAT(values, ::testing::ElementsAre(1, 300, 0));

  WireReader cut(std::string_view("\x01\x02\x03"));
  EXPECT_FALSE(cut.NextPacked(Type::kFixed32));
  EXPECT_FALSE(cut.ok());
}

}  // namespace
}  // namespace spirogram
