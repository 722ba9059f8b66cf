#include "store/histogram_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace spirogram::store {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<uint64_t> Bits(const std::vector<double>& values) {
  std::vector<uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<uint64_t>(value));
  return bits;
}

void ExpectSame(const Histogram& histogram) {
  const Content encoded = EncodeHistogram(histogram);
  const auto decoded = DecodeHistogram(encoded.bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(Bits(decoded->edges), Bits(histogram.edges));
  EXPECT_EQ(Bits(decoded->counts), Bits(histogram.counts));
}

Histogram Linear(size_t buckets) {
  Histogram histogram{.edges = {-0.3}, .counts = {}};
  for (size_t i = 1; i <= buckets; ++i) {
    histogram.edges.push_back(-0.3 + static_cast<double>(i) * 0.7 / static_cast<double>(buckets));
    histogram.counts.push_back(static_cast<double>(i % 100));
  }
  return histogram;
}

// The limits that TensorFlow 1 and PyTorch's writer use.
Histogram Geometric() {
  std::vector<double> positive;
  for (double edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push_back(edge);
  Histogram histogram;
  for (size_t i = positive.size(); i-- > 0;) histogram.edges.push_back(-positive[i]);
  histogram.edges.push_back(0);
  for (const double edge : positive) histogram.edges.push_back(edge);
  histogram.counts.assign(histogram.edges.size() - 1, 3);
  return histogram;
}

TEST(HistogramCodecTest, KeepsEveryBit) {
  ExpectSame({});
  ExpectSame({.edges = {1.5}, .counts = {}});
  ExpectSame(Linear(1));
  ExpectSame(Linear(1000));
  ExpectSame(Geometric());
  ExpectSame({.edges = {0, 1, 2}, .counts = {0.5, -2}});
  ExpectSame({.edges = {-0.0, 0.0, 5e-324, 1}, .counts = {0, -0.0, 9007199254740993.0}});
  ExpectSame({.edges = {-kInfinity, -1.7976931348623157e308, 0, kInfinity, NAN, -NAN},
              .counts = {1, 2, 3, 4, 5}});
  ExpectSame({.edges = {0, 1, 2, 3}, .counts = {NAN, kInfinity, -kInfinity}});
}

TEST(HistogramCodecTest, KeepsEveryBitOfAnyNumbers) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    Histogram histogram;
    for (size_t edges = random() % 20 + 1; edges-- > 0;) {
      histogram.edges.push_back(std::bit_cast<double>(random()));
      if (edges > 0) histogram.counts.push_back(static_cast<double>(random() >> random() % 64));
    }
    ExpectSame(histogram);
  }
}

TEST(HistogramCodecTest, TakesAByteOrTwoForANumberOfRegularHistograms) {
  for (const Histogram& histogram : {Linear(1000), Geometric()}) {
    const Content encoded = EncodeHistogram(histogram);
    EXPECT_EQ(encoded.compression, Compression::kNone);
    EXPECT_LT(encoded.bytes.size(), 2.1 * static_cast<double>(histogram.edges.size()) + 50);
  }
}

TEST(HistogramCodecTest, LeavesIrregularOnesToTheCompressor) {
  EXPECT_EQ(EncodeHistogram({.edges = {0, 1, 2}, .counts = {0.1, 0.2}}).compression,
            Compression::kZstd);
}

TEST(HistogramCodecTest, RefusesEveryCutAndWhatIsNoFormat) {
  for (const Histogram& histogram : {Linear(50), Histogram{.edges = {0, 1}, .counts = {0.5}}}) {
    const std::string content = EncodeHistogram(histogram).bytes;
    for (size_t size = 0; size < content.size(); ++size) {
      EXPECT_FALSE(DecodeHistogram(content.substr(0, size)).ok()) << size;
    }
    EXPECT_FALSE(DecodeHistogram(content + '\0').ok());
    EXPECT_FALSE(DecodeHistogram('\3' + content.substr(1)).ok());
  }
  // 2^63 edges in eleven bytes.
  EXPECT_FALSE(DecodeHistogram("\2\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01").ok());
}

}  // namespace
}  // namespace spirogram::store
