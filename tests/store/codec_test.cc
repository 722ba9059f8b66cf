// The formats below the tables: round trips, a truncation at every byte, flipped bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>

#include "base/crc32c.h"
#include "store/blob_codec.h"
#include "store/block_codec.h"
#include "store/finding_codec.h"
#include "store/histogram_codec.h"
#include "store/phase_sums.h"
#include "store/profile_codec.h"
#include "store/pyramid.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Every shorter form and every form with one flipped bit must be refused.
void ExpectRefused(const std::string& blob, const std::function<bool(std::string_view)>& decodes) {
  ASSERT_TRUE(decodes(blob));
  for (size_t size = 0; size < blob.size(); ++size) {
    EXPECT_FALSE(decodes(std::string_view(blob).substr(0, size))) << size;
  }
  for (size_t bit = 0; bit < blob.size() * 8; ++bit) {
    std::string flipped = blob;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decodes(flipped)) << bit;
  }
}

void ExpectSameBits(const ScalarPoints& got, const ScalarPoints& want) {
  ASSERT_EQ(got.size(), want.size());
  EXPECT_EQ(got.step, want.step);
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint64_t>(got.wall_time[i]),
              std::bit_cast<uint64_t>(want.wall_time[i]));
    EXPECT_EQ(std::bit_cast<uint64_t>(got.value[i]), std::bit_cast<uint64_t>(want.value[i])) << i;
  }
}

void ExpectRoundTrip(const ScalarPoints& points) {
  ScalarPoints decoded;
  const Status status = DecodeBlock(EncodeBlock(points, 0, points.size()), &decoded);
  ASSERT_TRUE(status.ok()) << status.error().ToString();
  ExpectSameBits(decoded, points);
}

ScalarPoints NoisyPoints(size_t count) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise;
  ScalarPoints points;
  for (size_t i = 0; i < count; ++i) {
    points.Append(static_cast<Step>(10 * i),
                  1.7e9 + static_cast<double>(i) * 0.01 + noise(random) * 1e-3,
                  static_cast<double>(static_cast<float>(noise(random))));
  }
  return points;
}

TEST(BlockCodecTest, KeepsExtremesBitForBit) {
  ScalarPoints points;
  const auto payload_nan = std::bit_cast<double>(uint64_t{0x7ff8'0000'dead'beef});
  const double float_nan = static_cast<double>(std::bit_cast<float>(0x7fc12345u));
  for (const double value : {0.0, -0.0, kNan, -kNan, payload_nan, float_nan, kInfinity, -kInfinity,
                             1e308, 5e-324, 0.1, 16777217.0}) {
    points.Append(0, 0, value);
  }
  ExpectRoundTrip(points);
}

TEST(BlockCodecTest, KeepsStepsThatJumpAndOverflow) {
  ScalarPoints points;
  constexpr Step kMin = std::numeric_limits<Step>::min();
  constexpr Step kMax = std::numeric_limits<Step>::max();
  for (const Step step : {kMax, kMin, Step{0}, kMax, Step{5}, Step{4}, Step{4}, kMin}) {
    points.Append(step, -1e300, 1.0);
  }
  ExpectRoundTrip(points);
}

TEST(BlockCodecTest, KeepsOnePointAndAFullBlock) {
  ExpectRoundTrip(NoisyPoints(1));
  ExpectRoundTrip(NoisyPoints(2));
  ExpectRoundTrip(NoisyPoints(kBlockPoints));
}

TEST(BlockCodecTest, TakesAtMostEightBytesAPointAtFloatContent) {
  const std::string block = EncodeBlock(NoisyPoints(kBlockPoints), 0, kBlockPoints);
  EXPECT_LE(block.size(), 8 * kBlockPoints);
}

TEST(BlockCodecTest, RefusesDamage) {
  const ScalarPoints points = NoisyPoints(40);
  ExpectRefused(EncodeBlock(points, 0, points.size()), [](std::string_view block) {
    ScalarPoints decoded;
    const bool decodes = DecodeBlock(block, &decoded).ok();
    EXPECT_EQ(decoded.size(), decodes ? 40u : 0u);
    return decodes;
  });
}

TEST(BlockCodecTest, RefusesValidEnvelopesOfNonsense) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string content(random() % 80, '\0');
    for (char& byte : content) byte = static_cast<char>(random());
    if (!content.empty()) content[0] = 1;
    ScalarPoints points;
    ProfileSlices slices;
    EXPECT_FALSE(DecodeBlock(PackBlob(content, Compression::kNone), &points).ok());
    EXPECT_FALSE(DecodeProfileChunk(PackBlob(content, Compression::kNone), &slices).ok());
    KernelTimes times;
    EXPECT_FALSE(DecodeKernelTimes(PackBlob(content, Compression::kNone), &times).ok());
    EXPECT_FALSE(DecodePhaseSums(PackBlob(content, Compression::kNone)).ok());
    static_cast<void>(DecodeHistogram(content));
    static_cast<void>(DecodeText(content));
    static_cast<void>(DecodeEntityStats(content));
    static_cast<void>(DecodeEmbeddingMetadata(content));
    static_cast<void>(DecodeFinding(PackBlob(content, Compression::kNone)));
  }
}

TEST(BlobCodecTest, PacksEmptyShortAndLongContent) {
  for (const std::string& content : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
      EXPECT_EQ(UnpackBlob(PackBlob(content, compression)).value(), content);
    }
  }
  EXPECT_LT(PackBlob(std::string(100'000, 'x'), Compression::kZstd).size(), 1000u);
}

TEST(PyramidTest, SummarizesFiniteValuesAndCountsTheOthers) {
  ScalarPoints points;
  points.Append(5, 1, kNan);
  points.Append(3, 2, 4);
  points.Append(9, 3, -2);
  points.Append(9, 4, kInfinity);
  const Summary summary = Summarize(points, 0, 4);
  EXPECT_EQ(summary.count, 4u);
  EXPECT_EQ(summary.nonfinite, 2u);
  EXPECT_EQ(summary.min_step, 3);
  EXPECT_EQ(summary.max_step, 9);
  EXPECT_EQ(summary.last_wall_time, 4);
  EXPECT_EQ(summary.min, -2);
  EXPECT_EQ(summary.max, 4);
  EXPECT_EQ(summary.sum, 2);
  EXPECT_FALSE(summary.is_sorted);
}

TEST(PyramidTest, AddsUpToItsBlock) {
  const ScalarPoints points = NoisyPoints(kBlockPoints);
  const std::string blob = EncodePyramid(points, 0, kBlockPoints);
  const auto parts = DecodePyramid(blob);
  ASSERT_TRUE(parts.ok());
  const Summary whole = Summarize(points, 0, kBlockPoints);
  double sum = 0;
  uint32_t count = 0;
  for (const Summary& part : *parts) {
    sum += part.sum;
    count += part.count;
  }
  EXPECT_EQ(count, whole.count);
  EXPECT_NEAR(sum, whole.sum, 1e-9);
  EXPECT_EQ(parts->back().max_step, whole.max_step);
  EXPECT_TRUE(EncodePyramid(points, 0, 10).empty());
  ExpectRefused(blob.substr(0), [](std::string_view b) { return DecodePyramid(b).ok(); });
}

TEST(ProfileCodecTest, KeepsEveryColumn) {
  ProfileSlices slices;
  for (uint32_t i = 0; i < 300; ++i) {
    slices.kind.push_back(static_cast<ProfileSlices::Kind>(i % 4));
    slices.name.push_back(i % 7);
    slices.start_ns.push_back(1'700'000'000'000'000'000 + i * 1000 - (i % 3) * 5000);
    slices.duration_ns.push_back(i * 17);
    slices.step.push_back(i / 10);
    slices.correlation_id.push_back(i % 4 == 0 ? 0 : 0xffff'ff00u + i % 256);
    slices.stream.push_back(i % 5);
  }
  const std::string chunk = EncodeProfileChunk(slices);
  EXPECT_LE(chunk.size(), 300u * 8);
  ProfileSlices decoded;
  ASSERT_TRUE(DecodeProfileChunk(chunk, &decoded).ok());
  EXPECT_EQ(decoded, slices);
}

TEST(ProfileCodecTest, RefusesDamagedKernelTimes) {
  KernelTimes times;
  times[{3, ProfileSlices::Kind::kKernel}] = {5, 1e18, INT64_MAX};
  times[{0xffff'ffff, ProfileSlices::Kind::kCopy}] = {kChunkSlicesMax, 0.5, 0};
  const std::string blob = EncodeKernelTimes(times);
  KernelTimes decoded;
  ASSERT_TRUE(DecodeKernelTimes(blob, &decoded).ok());
  EXPECT_EQ(decoded, times);
  ExpectRefused(blob, [](std::string_view b) {
    KernelTimes ignored;
    return DecodeKernelTimes(b, &ignored).ok();
  });
}

TEST(FindingCodecTest, RefusesDamage) {
  Finding finding;
  finding.rule = "stalled_rows";
  finding.ids = {1, 2, 3};
  finding.evidence.resize(1);
  const std::string blob = EncodeFinding(finding);
  EXPECT_EQ(DecodeFinding(blob).value(), finding);
  ExpectRefused(blob, [](std::string_view b) { return DecodeFinding(b).ok(); });
}

// A hostile hand can write any checksum; columns of different length would be read past.
TEST(ValueCodecTest, RefusesColumnsOfDifferentLength) {
  EXPECT_FALSE(DecodeHistogram(EncodeHistogram({.edges = {0, 1}, .counts = {1, 2, 3}}).bytes).ok());
  EXPECT_FALSE(DecodeHistogram(EncodeHistogram({.edges = {}, .counts = {1}}).bytes).ok());
  EXPECT_TRUE(DecodeHistogram(EncodeHistogram({}).bytes).ok());
  PrCurve curve;
  EXPECT_TRUE(DecodePrCurve(EncodePrCurve(curve)).ok());
  curve.recall = {1};
  EXPECT_FALSE(DecodePrCurve(EncodePrCurve(curve)).ok());
  const EmbeddingMetadata metadata{{"a", "b"}, {{"1"}, {"1", "2"}}};
  EXPECT_FALSE(DecodeEmbeddingMetadata(EncodeEmbeddingMetadata(metadata)).ok());
  EntityStats stats;
  stats.entities = 3;
  stats.columns = {"touches"};
  stats.values = {{1, 2}};
  EXPECT_FALSE(DecodeEntityStats(EncodeEntityStats(stats)).ok());
}

// 1 GiB out of a few bytes: zstd cannot, so no memory is taken for it.
TEST(BlobCodecTest, RefusesALengthThatItsBytesCannotHold) {
  std::string blob = PackBlob(std::string(100'000, 'x'), Compression::kZstd);
  EXPECT_TRUE(UnpackBlob(blob).ok());
  const uint64_t length = uint64_t{1} << 30;
  std::memcpy(blob.data() + 5, &length, sizeof length);
  const uint32_t crc = Crc32c(std::string_view(blob).substr(4));
  std::memcpy(blob.data(), &crc, sizeof crc);
  EXPECT_THAT(UnpackBlob(blob).error().message, ::testing::HasSubstr("is not known"));
  EXPECT_TRUE(UnpackBlob(PackBlob(std::string(50'000'000, '\0'), Compression::kZstd)).ok());
}

TEST(ValueCodecTest, IsRefusedAtEveryShorterLength) {
  const std::string stats = EncodeEntityStats({.entities = 2,
                                               .columns = {"touches"},
                                               .values = {{1, 2}},
                                               .attributes = {{"frozen", "true"}}});
  EXPECT_THAT(DecodeEntityStats(stats)->values[0], ElementsAre(1, 2));
  for (size_t size = 0; size < stats.size(); ++size) {
    EXPECT_FALSE(DecodeEntityStats(std::string_view(stats).substr(0, size)).ok()) << size;
  }
}

}  // namespace
}  // namespace spirogram::store
