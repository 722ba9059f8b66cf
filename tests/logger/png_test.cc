#include "logger/png.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string_view>
#include <vector>

namespace spirogram::logger {
namespace {

uint32_t BigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

struct Chunk {
  std::string type;
  std::string data;
};

// Follows the standard, not the encoder: signature, then length, type, data and CRC of each chunk.
std::vector<Chunk> ParseChunks(std::string_view png) {
  std::vector<Chunk> chunks;
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  png.remove_prefix(8);
  while (!png.empty()) {
    const uint32_t length = BigEndian32(png);
    const std::string_view type_and_data = png.substr(4, 4 + length);
    const auto* bytes = reinterpret_cast<const Bytef*>(type_and_data.data());
    EXPECT_EQ(BigEndian32(png.substr(8 + length)), crc32_z(0, bytes, type_and_data.size()));
    chunks.push_back(
        {std::string(type_and_data.substr(0, 4)), std::string(type_and_data.substr(4))});
    png.remove_prefix(12 + length);
  }
  return chunks;
}

// Undoes deflate and the Sub filter.
std::vector<uint8_t> Pixels(const std::string& data, size_t rows, size_t row_bytes, size_t step) {
  std::string filtered(rows * (row_bytes + 1), '\0');
  uLongf size = filtered.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(filtered.data()), &size,
                       reinterpret_cast<const Bytef*>(data.data()), data.size()),
            Z_OK);
  EXPECT_EQ(size, filtered.size());
  std::vector<uint8_t> out;
  for (size_t row = 0; row < rows; ++row) {
    EXPECT_EQ(filtered[row * (row_bytes + 1)], 1);
    for (size_t i = 0; i < row_bytes; ++i) {
      const auto raw = static_cast<uint8_t>(filtered[row * (row_bytes + 1) + 1 + i]);
      const uint8_t left = i >= step ? out[out.size() - step] : uint8_t{0};
      out.push_back(static_cast<uint8_t>(raw + left));
    }
  }
  return out;
}

TEST(PngTest, HoldsThePixelsForEveryNumberOfChannels) {
  std::mt19937 random(3);
  for (const int channels : {1, 3, 4}) {
    std::vector<uint8_t> pixels(static_cast<size_t>(17 * 5 * channels));
    for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random());
    const auto png = EncodePng(pixels, 17, 5, channels);
    ASSERT_TRUE(png.ok());
    const auto chunks = ParseChunks(*png);
    ASSERT_EQ(chunks.size(), 3u);
    EXPECT_EQ(chunks[0].type, "IHDR");
    EXPECT_EQ(BigEndian32(chunks[0].data), 17u);
    EXPECT_EQ(BigEndian32(chunks[0].data.substr(4)), 5u);
    EXPECT_EQ(chunks[1].type, "IDAT");
    const auto step = static_cast<size_t>(channels);
    EXPECT_EQ(Pixels(chunks[1].data, 5, 17 * step, step), pixels) << channels;
    EXPECT_EQ(chunks[2].type, "IEND");
  }
}

TEST(PngTest, EncodesASinglePixel) {
  const std::vector<uint8_t> pixel = {255};
  EXPECT_EQ(ParseChunks(EncodePng(pixel, 1, 1, 1).value()).size(), 3u);
}

}  // namespace
}  // namespace spirogram::logger
