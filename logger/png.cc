#include "logger/png.h"

#include <zlib.h>

#include <cstddef>
#include <string_view>

#include "base/check.h"
#include "base/str.h"

namespace spirogram::logger {
namespace {

constexpr int kCompressionLevel = 4;  // a logger's thread should not cost a training core
constexpr char kFilterSub = 1;        // each byte minus the same channel of the pixel to its left

void AppendBigEndian32(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

const Bytef* AsBytes(std::string_view data) {
  return reinterpret_cast<const Bytef*>(data.data());
}

// Length, type, data, CRC-32 of type and data.
void AppendChunk(std::string_view type, std::string_view data, std::string* out) {
  AppendBigEndian32(static_cast<uint32_t>(data.size()), out);
  out->append(type);
  out->append(data);
  uLong crc = crc32_z(0, AsBytes(type), type.size());
  if (!data.empty()) crc = crc32_z(crc, AsBytes(data), data.size());  // null would reset the CRC
  AppendBigEndian32(static_cast<uint32_t>(crc), out);
}

std::string Header(int width, int height, int channels) {
  std::string header;
  AppendBigEndian32(static_cast<uint32_t>(width), &header);
  AppendBigEndian32(static_cast<uint32_t>(height), &header);
  const char color_type = channels == 1 ? 0 : channels == 3 ? 2 : 6;
  header += {8, color_type, 0, 0, 0};  // bit depth, colour, deflate, adaptive filters, no interlace
  return header;
}

std::string FilterRows(std::span<const uint8_t> pixels, size_t row_bytes, size_t channels) {
  std::string out;
  out.reserve(pixels.size() + pixels.size() / row_bytes);
  for (size_t begin = 0; begin < pixels.size(); begin += row_bytes) {
    const auto row = pixels.subspan(begin, row_bytes);
    out.push_back(kFilterSub);
    for (size_t i = 0; i < row_bytes; ++i) {
      const int left = i >= channels ? row[i - channels] : 0;
      out.push_back(static_cast<char>(row[i] - left));
    }
  }
  return out;
}

}  // namespace

Result<std::string> EncodePng(std::span<const uint8_t> pixels, int width, int height,
                              int channels) {
  const size_t row_bytes = static_cast<size_t>(width) * static_cast<size_t>(channels);
  CHECK(width > 0 && height > 0 && pixels.size() == row_bytes * static_cast<size_t>(height));
  const std::string rows = FilterRows(pixels, row_bytes, static_cast<size_t>(channels));
  uLongf compressed_bytes = compressBound(rows.size());
  std::string compressed(compressed_bytes, '\0');
  const int code = compress2(reinterpret_cast<Bytef*>(compressed.data()), &compressed_bytes,
                             AsBytes(rows), rows.size(), kCompressionLevel);
  if (code != Z_OK) return Internal(StrCat("encode PNG: zlib returned ", code));
  compressed.resize(compressed_bytes);

  std::string png("\x89PNG\r\n\x1a\n");
  AppendChunk("IHDR", Header(width, height, channels), &png);
  AppendChunk("IDAT", compressed, &png);
  AppendChunk("IEND", "", &png);
  return png;
}

}  // namespace spirogram::logger
