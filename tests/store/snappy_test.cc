#include "store/snappy.h"

#include <gmock/gmock.h>

#include <random>

#include "base/str.h"
#include "base/wire.h"

namespace spirogram::store {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr size_t kBytesMax = 1 << 20;

std::string Uncompressed(std::string_view bytes) {
  const auto out = SnappyUncompress(bytes, kBytesMax);
  return out.ok() ? *out : out.error().message;
}

// Made by google/snappy of "abcdabcdabcdabcdabcdabcdx" three times over.
constexpr std::string_view kCompressed =
    "K\fabcdN\4\0\0xN\25\0\1\x14"
    "f\x19\0"sv;
constexpr std::string_view kOnce = "abcdabcdabcdabcdabcdabcdx";

TEST(SnappyTest, ReadsWhatGooglesLibraryWrote) {
  EXPECT_EQ(Uncompressed(kCompressed), StrCat(kOnce, kOnce, kOnce));
  EXPECT_EQ(Uncompressed("\0"s), "");
}

TEST(SnappyTest, ReadsEveryKindOfTag) {
  // Literals whose lengths stand in 1 to 4 bytes.
  for (size_t width = 1; width <= 4; ++width) {
    std::string bytes = "\x46"s + static_cast<char>((59 + width) << 2);
    bytes += "\x45"s + std::string(width - 1, '\0') + std::string(70, 'x');
    EXPECT_EQ(Uncompressed(bytes), std::string(70, 'x')) << width;
  }
  // Copies by an offset of 11 bits, 2 and 4 bytes, each into what it writes itself.
  EXPECT_EQ(Uncompressed("\6\4ab\1\2"s), "ababab");
  EXPECT_EQ(Uncompressed("\5\4ab\x0a\2\0"s), "ababa");
  EXPECT_EQ(Uncompressed("\5\4ab\x0b\2\0\0\0"s), "ababa");
  std::string far = "\x94\x04\xf4\x0f\2" + std::string(528, 'y');  // 528 bytes, then 4 of the first
  far.replace(5, 4, "abcd");
  far += "\x41\x10";
  EXPECT_EQ(Uncompressed(far), far.substr(5, 528) + "abcd");
}

TEST(SnappyTest, SaysWhatIsDamaged) {
  EXPECT_THAT(Uncompressed(""), HasSubstr("malformed length"));
  EXPECT_THAT(Uncompressed("\xff\xff\xff\xff\x7f\0a"s), HasSubstr("malformed length"));
  EXPECT_THAT(Uncompressed("\2\4a"), HasSubstr("ends within a literal"));
  EXPECT_THAT(Uncompressed("\2\xf0"), HasSubstr("malformed tag"));
  EXPECT_THAT(Uncompressed("\6\4ab\1\0"s), HasSubstr("malformed tag"));  // a copy of itself
  EXPECT_THAT(Uncompressed("\6\4ab\1\3"s), HasSubstr("from before the beginning"));
  EXPECT_THAT(Uncompressed("\5\4ab\1\2"s), HasSubstr("more than the 5 bytes"));
  EXPECT_THAT(Uncompressed("\7\4ab\1\2"s), HasSubstr("got 6 bytes, want 7"));
  // 4 GiB are declared, and nothing is there: nothing is set aside for them.
  const auto large = SnappyUncompress("\xff\xff\xff\xff\x0f", size_t{1} << 32);
  ASSERT_FALSE(large.ok());
  EXPECT_THAT(large.error().message, HasSubstr("got 0 bytes, want 4294967295"));
  EXPECT_EQ(SnappyUncompress(kCompressed, 74).error().code, ErrorCode::kExhausted);
}

TEST(SnappyTest, SurvivesAnyBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(kCompressed);
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(1 + random() % bytes.size());
    WireReader preamble(bytes);
    const uint64_t declared = preamble.ReadVarint();
    const auto out = SnappyUncompress(bytes, kBytesMax);
    if (out.ok()) {
      EXPECT_EQ(out->size(), declared);
    }
  }
}

}  // namespace
}  // namespace spirogram::store
