#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/crc32c_polynomial.h"
#include "base/crc32c_x86.h"

namespace spirogram {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32cTest, AgreesWithRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<char>(i));
  EXPECT_EQ(Crc32c(ascending), 0x46dd794eu);
}

// From the tests of TensorBoard's data server (masked_crc.rs).
TEST(Crc32cTest, MaskAgreesWithTensorBoard) {
  EXPECT_EQ(MaskedCrc32c("\x1a\x11"
                         "CRC test, one two"),
            0x5794d08au);
}

TEST(Crc32cTest, TableAndInstructionAgreeAtEveryLength) {
  std::mt19937 random(7);
  std::string data;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(Crc32c(data), Crc32cPortable(data)) << "length " << length;
    data.push_back(static_cast<char>(random()));
  }
}

TEST(Crc32cTest, TableAndInstructionAgreeOnLongInputs) {
  std::mt19937 random(8);
  std::string data(20'000, '\0');
  for (char& byte : data) byte = static_cast<char>(random());
  for (size_t length = 3 * 1024 - 17; length < data.size(); length += 251) {
    const size_t from = length % 9;  // at odd addresses, too
    const std::string_view part = std::string_view(data).substr(from, length - from);
    EXPECT_EQ(Crc32c(part, 5), Crc32cPortable(part, 5)) << "length " << part.size();
  }
}

// Long inputs are taken in another way, from a length on that depends on the processor.
TEST(Crc32cTest, TableAndInstructionAgreeAtEveryLengthBesideABlock) {
  std::mt19937 random(10);
  std::string data(4 * 1024 + 300, '\0');
  for (char& byte : data) byte = static_cast<char>(random());
  for (size_t length = 900; length < data.size(); ++length) {
    const std::string_view part = std::string_view(data).substr(data.size() - length);
    const auto previous = static_cast<uint32_t>(random());
    ASSERT_EQ(Crc32c(part, previous), Crc32cPortable(part, previous)) << "length " << length;
  }
}

TEST(Crc32cTest, InstructionMovesAsTheProductDoes) {
  const crc32c::MoveFunction move = crc32c::MoveOfX86();
  if (move == nullptr) GTEST_SKIP() << "this processor does not multiply without carries";
  std::mt19937_64 random(11);
  for (int i = 0; i < 5000; ++i) {
    const auto crc = static_cast<uint32_t>(random());
    const auto bytes = static_cast<int64_t>(random()) >> (i % 64);
    ASSERT_EQ(move(crc, bytes), crc32c::Move(crc, bytes)) << bytes;
    ASSERT_EQ(move(move(crc, bytes), -bytes), crc) << bytes;
  }
  EXPECT_EQ(move(7, 0), 7u);
}

TEST(Crc32cTest, ContinuesFromAPrefix) {
  const std::string_view text = "a model breathes in and out";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))), Crc32c(text));
    EXPECT_EQ(Crc32cPortable(text.substr(cut), Crc32cPortable(text.substr(0, cut))), Crc32c(text));
  }
}

TEST(Crc32cTest, MaskIsTakenOffAgain) {
  for (const uint32_t crc : {0u, 1u, 0xffffffffu, 0x8a9136aau, 0x80007fffu}) {
    EXPECT_EQ(UnmaskCrc(MaskCrc(crc)), crc);
  }
}

TEST(Crc32cTest, OfTheMiddleFollowsFromTheWhole) {
  std::mt19937 random(9);
  std::string data(100'000, '\0');
  for (char& byte : data) byte = static_cast<char>(random());
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n)(random); };
  for (int i = 0; i < 2000; ++i) {
    const std::string_view whole = std::string_view(data).substr(0, below(data.size()));
    const size_t from = below(whole.size());
    const size_t bytes = below(whole.size() - from);
    const std::string_view middle = whole.substr(from, bytes);
    EXPECT_EQ(
        Crc32cOfMiddle(Crc32c(whole), whole.substr(0, from), bytes, whole.substr(from + bytes)),
        Crc32c(middle))
        << from << " + " << bytes << " of " << whole.size();
  }
}

TEST(Crc32cTest, OfTheMiddleHoldsAtEveryShortSplit) {
  const std::string_view text = "a model breathes in and out";
  for (size_t from = 0; from <= text.size(); ++from) {
    for (size_t to = from; to <= text.size(); ++to) {
      EXPECT_EQ(Crc32cOfMiddle(Crc32c(text), text.substr(0, from), to - from, text.substr(to)),
                Crc32c(text.substr(from, to - from)));
    }
  }
}

}  // namespace
}  // namespace spirogram
