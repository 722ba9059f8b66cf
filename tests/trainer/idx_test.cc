#include "trainer/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/file.h"
#include "tests/testing/temp_dir.h"
#include "trainer/mnist.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::TempDir;
using ::testing::HasSubstr;

std::string BigEndian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

// An IDX file of unsigned bytes.
std::string Idx(const std::vector<uint32_t>& shape, size_t elements, char value = 1) {
  std::string bytes("\0\0\x08", 3);
  bytes.push_back(static_cast<char>(shape.size()));
  for (const uint32_t size : shape) bytes += BigEndian(size);
  return bytes + std::string(elements, value);
}

std::string Gzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(IdxTest, ReadsShapeAndValues) {
  const auto array = ParseIdx(Idx({2, 3}, 6, 7), "x");
  ASSERT_TRUE(array.ok());
  EXPECT_THAT(array->shape, ::testing::ElementsAre(2, 3));
  EXPECT_THAT(array->values, ::testing::Each(7));
}

TEST(IdxTest, IsRefusedAtEveryShorterLength) {
  const std::string bytes = Idx({2, 3}, 6);
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto array = ParseIdx(std::string_view(bytes).substr(0, length), "x");
    ASSERT_FALSE(array.ok()) << length;
    EXPECT_EQ(array.error().code, ErrorCode::kCorruption);
  }
}

TEST(IdxTest, IsRefusedWithBytesLeftOver) {
  const auto array = ParseIdx(Idx({2, 3}, 7), "labels");
  ASSERT_FALSE(array.ok());
  EXPECT_EQ(array.error().message, "labels: wrong count of elements: got 7, want 6 by its header");
}

TEST(IdxTest, IsRefusedWithABadMagicNumber) {
  for (const std::string magic : {"\x01\x00\x08\x01", "\x00\x00\x0d\x01", "\x00\x00\x08\x09"}) {
    const auto array = ParseIdx(std::string(4, '\0') + magic, "x");
    ASSERT_FALSE(array.ok());
  }
  const auto array = ParseIdx("PNG!", "digits");
  ASSERT_FALSE(array.ok());
  EXPECT_THAT(array.error().message, HasSubstr("digits: bad magic number: got 0x504e4721"));
}

TEST(IdxTest, OfHugeClaimedSizesIsRefusedWithoutMemoryForThem) {
  const auto array = ParseIdx(Idx({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 10), "x");
  ASSERT_FALSE(array.ok());
  EXPECT_EQ(array.error().code, ErrorCode::kCorruption);
}

class IdxFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = dir_.File(name);
    EXPECT_TRUE(WriteFileAtomically(path, bytes).ok());
    return path;
  }
  // A data set of `images` images and `labels` labels in both parts.
  void WriteMnist(uint32_t images, uint32_t labels, char label = 1) {
    for (const std::string part : {"train", "t10k"}) {
      Write(part + "-images-idx3-ubyte.gz", Gzip(Idx({images, 28, 28}, images * 784)));
      Write(part + "-labels-idx1-ubyte.gz", Gzip(Idx({labels}, labels, label)));
    }
  }

  TempDir dir_;
};

TEST_F(IdxFileTest, ReadsGzipAndPlainFilesAlike) {
  const std::string bytes = Idx({4}, 4, 9);
  for (const std::string& path : {Write("plain", bytes), Write("packed.gz", Gzip(bytes))}) {
    const auto array = ReadIdx(path);
    ASSERT_TRUE(array.ok()) << array.error().ToString();
    EXPECT_EQ(array->values.size(), 4u);
  }
}

TEST_F(IdxFileTest, RefusesTruncatedAndDamagedGzip) {
  const std::string packed = Gzip(Idx({100, 28, 28}, 78'400));
  for (size_t length = 2; length < packed.size(); ++length) {
    const auto array = ReadIdx(Write("cut.gz", packed.substr(0, length)));
    ASSERT_FALSE(array.ok()) << length;
    EXPECT_EQ(array.error().code, ErrorCode::kCorruption);
  }
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
  EXPECT_FALSE(ReadIdx(Write("damaged.gz", damaged)).ok());
}

TEST_F(IdxFileTest, ReadsGzipOfSeveralMembers) {
  const std::string bytes = Idx({100, 28, 28}, 78'400);
  const std::string members = Gzip(bytes.substr(0, 5'000)) + Gzip(bytes.substr(5'000));
  const auto array = ReadIdx(Write("members.gz", members));
  ASSERT_TRUE(array.ok()) << array.error().ToString();
  EXPECT_EQ(array->values.size(), 78'400u);
  EXPECT_FALSE(ReadIdx(Write("cut.gz", members.substr(0, members.size() - 4))).ok());
}

TEST_F(IdxFileTest, NamesTheMissingFile) {
  const auto mnist = ReadMnist(dir_.path());
  ASSERT_FALSE(mnist.ok());
  EXPECT_EQ(mnist.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(mnist.error().message, HasSubstr("train-images-idx3-ubyte.gz"));
}

TEST_F(IdxFileTest, ReadsASmallMnist) {
  WriteMnist(3, 3);
  const auto mnist = ReadMnist(dir_.path());
  ASSERT_TRUE(mnist.ok()) << mnist.error().ToString();
  EXPECT_EQ(mnist->train.size(), 3u);
  EXPECT_EQ(mnist->test.pixels.size(), 3u * kMnistPixels);
  EXPECT_FLOAT_EQ(mnist->test.pixels[0], 1.0f / 255);
}

TEST_F(IdxFileTest, RefusesImagesAndLabelsOfDifferentCounts) {
  WriteMnist(3, 4);
  const auto mnist = ReadMnist(dir_.path());
  ASSERT_FALSE(mnist.ok());
  EXPECT_THAT(mnist.error().message, HasSubstr("got 4 labels"));
  EXPECT_THAT(mnist.error().message, HasSubstr("want one for each of the 3 images"));
}

TEST_F(IdxFileTest, RefusesAnEmptySetAndImagesOfAnotherSize) {
  WriteMnist(0, 0);
  const auto empty = ReadMnist(dir_.path());
  ASSERT_FALSE(empty.ok());
  EXPECT_THAT(empty.error().message, HasSubstr("/train-images-idx3-ubyte: has no images"));
  Write("train-images-idx3-ubyte.gz", Gzip(Idx({2, 32, 32}, 2'048)));
  const auto large = ReadMnist(dir_.path());
  ASSERT_FALSE(large.ok());
  EXPECT_THAT(large.error().message, HasSubstr("got the shape 2 x 32 x 32"));
}

TEST_F(IdxFileTest, RefusesALabelThatIsNoDigit) {
  WriteMnist(3, 3, 10);
  const auto mnist = ReadMnist(dir_.path());
  ASSERT_FALSE(mnist.ok());
  EXPECT_THAT(mnist.error().message, HasSubstr("got label 10, want 0 to 9"));
}

}  // namespace
}  // namespace spirogram::trainer
