#include "trainer/idx.h"

#include <zlib.h>

#include <algorithm>

#include "base/file.h"
#include "base/str.h"

namespace spirogram::trainer {
namespace {

constexpr size_t kFileBytesMax = size_t{1} << 30;
constexpr size_t kChunkBytes = size_t{1} << 18;
constexpr int kDimensionsMax = 4;
constexpr uint8_t kUnsignedByte = 8;

uint32_t BigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | static_cast<uint8_t>(bytes[static_cast<size_t>(i)]);
  return value;
}

bool IsGzip(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

// Grows the output by what was unpacked, never by what the file claims.
Result<std::string> Gunzip(std::string_view packed, const std::string& name) {
  z_stream stream{};
  constexpr int kGzipOnly = 16;
  if (inflateInit2(&stream, kGzipOnly + MAX_WBITS) != Z_OK) return Internal("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int code = Z_OK;
  while (code == Z_OK && out.size() <= kFileBytesMax) {
    const size_t before = out.size();
    out.resize(before + kChunkBytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(kChunkBytes);
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(before + kChunkBytes - stream.avail_out);
    // A gzip file may hold several members, one behind the other.
    if (code == Z_STREAM_END && IsGzip(packed.substr(packed.size() - stream.avail_in))) {
      code = inflateReset(&stream);
    }
  }
  const std::string reason = stream.msg == nullptr ? "it ends too early" : stream.msg;
  inflateEnd(&stream);
  if (out.size() > kFileBytesMax) {
    return Exhausted(StrCat(name, ": unpacks to more than ", kFileBytesMax, " bytes"));
  }
  if (code != Z_STREAM_END) return Corruption(StrCat(name, ": damaged gzip data: ", reason));
  return out;
}

}  // namespace

Result<IdxArray> ParseIdx(std::string_view bytes, const std::string& name) {
  if (bytes.size() < 4) {
    return Corruption(
        StrCat(name, ": too short for an IDX file: got ", bytes.size(), " bytes, want at least 4"));
  }
  const auto type = static_cast<uint8_t>(bytes[2]);
  const auto dimensions = static_cast<uint8_t>(bytes[3]);
  if (bytes[0] != 0 || bytes[1] != 0 || type != kUnsignedByte || dimensions == 0 ||
      dimensions > kDimensionsMax) {
    return Corruption(StrCat(name, ": bad magic number: got ", Hex32(BigEndian32(bytes)),
                             ", want 0x00000801 to 0x00000804"));
  }
  const size_t header_bytes = 4 + size_t{4} * dimensions;
  if (bytes.size() < header_bytes) {
    return Corruption(
        StrCat(name, ": truncated header: got ", bytes.size(), " bytes, want ", header_bytes));
  }
  IdxArray array;
  uint64_t count = 1;
  for (size_t d = 0; d < dimensions; ++d) {
    const uint32_t size = BigEndian32(bytes.substr(4 + 4 * d));
    array.shape.push_back(size);
    // Both factors are below 2^32, and the product is cut long before the next could overflow.
    count = std::min<uint64_t>(count * size, kFileBytesMax + 1);
  }
  if (bytes.size() - header_bytes != count) {
    return Corruption(StrCat(name, ": wrong count of elements: got ", bytes.size() - header_bytes,
                             ", want ", count, " by its header"));
  }
  array.values.assign(bytes.begin() + static_cast<ptrdiff_t>(header_bytes), bytes.end());
  return array;
}

Result<IdxArray> ReadIdx(const std::string& path) {
  ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kFileBytesMax));
  if (IsGzip(bytes)) {
    ASSIGN_OR_RETURN(bytes, Gunzip(bytes, path));
  }
  return ParseIdx(bytes, path);
}

}  // namespace spirogram::trainer
