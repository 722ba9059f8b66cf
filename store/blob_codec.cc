#include "store/blob_codec.h"

#include <zstd.h>

#include <memory>
#include <span>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/str.h"
#include "store/byte_io.h"

namespace spirogram::store {
namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kEnvelopeBytes = 4 + 1 + 8;
// Above any record that an event file can hold (base/record.h), so that a damaged length that
// passes the checksum still has a bound.
constexpr uint64_t kContentBytesMax = uint64_t{1} << 30;

// A block of a zstd frame makes at most 128 KiB of at least 4 bytes: a length beyond that is a lie,
// for which no memory is taken.
constexpr uint64_t kUnpackedBytesPerByteMax = (uint64_t{128} << 10) / 4;

struct ZstdFree {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Contexts are costly to make and not shared between threads.
ZSTD_CCtx* Compressor() {
  thread_local std::unique_ptr<ZSTD_CCtx, ZstdFree> context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  return context.get();
}

ZSTD_DCtx* Decompressor() {
  thread_local std::unique_ptr<ZSTD_DCtx, ZstdFree> context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  return context.get();
}

// Memory to compress into, kept between calls unless it is much.
class ScratchMemory {
 public:
  std::span<char> Get(size_t bytes) {
    if (bytes > size_) {
      memory_ = std::make_unique_for_overwrite<char[]>(bytes);
      size_ = bytes;
    }
    return {memory_.get(), bytes};
  }
  void Trim() {
    constexpr size_t kBytesKept = 1 << 20;
    if (size_ <= kBytesKept) return;
    memory_.reset();
    size_ = 0;
  }

 private:
  std::unique_ptr<char[]> memory_;
  size_t size_ = 0;
};

ScratchMemory& Scratch() {
  thread_local ScratchMemory memory;
  return memory;
}

template <typename T>
void Store(T value, char* to) {
  std::memcpy(to, &value, sizeof value);
}

}  // namespace

std::string PackBlob(std::string_view content, Compression compression) {
  uint8_t method = 0;
  std::string_view payload = content;
  if (compression == Compression::kZstd) {
    // Compressed aside, so that the blob takes no more memory than it has bytes.
    const std::span<char> room = Scratch().Get(ZSTD_compressBound(content.size()));
    const size_t size = ZSTD_compressCCtx(Compressor(), room.data(), room.size(), content.data(),
                                          content.size(), kZstdLevel);
    if (!ZSTD_isError(size) && size < content.size()) {
      method = 1;
      payload = {room.data(), size};
    }
  }
  std::string blob;
  blob.reserve(kEnvelopeBytes + payload.size());
  blob.resize(kEnvelopeBytes);
  blob.append(payload);
  Store(method, blob.data() + 4);
  Store(static_cast<uint64_t>(content.size()), blob.data() + 5);
  Store(Crc32c(std::string_view(blob).substr(4)), blob.data());
  Scratch().Trim();
  return blob;
}

Result<std::string> UnpackBlob(std::string_view blob) {
  ByteReader reader(blob);
  const auto crc_want = reader.Get<uint32_t>();
  const uint32_t crc_got = Crc32c(reader.rest());
  const auto method = reader.Get<uint8_t>();
  const auto size = reader.Get<uint64_t>();
  if (!reader.ok())
    return Corruption(StrCat("stored value of ", blob.size(), " bytes is too short"));
  if (crc_got != crc_want) {
    return Corruption(StrCat("stored value: checksum mismatch: got ", Hex32(crc_got), ", want ",
                             Hex32(crc_want)));
  }
  const std::string_view payload = reader.rest();
  if (method == 0 && size == payload.size()) return std::string(payload);
  if (method != 1 || size > kContentBytesMax || size > payload.size() * kUnpackedBytesPerByteMax) {
    return Corruption(StrCat("stored value: method ", method, ", length ", size, " is not known"));
  }
  std::string content(size, '\0');
  const size_t got = ZSTD_decompressDCtx(Decompressor(), content.data(), content.size(),
                                         payload.data(), payload.size());
  if (ZSTD_isError(got) || got != size) {
    return Corruption(StrCat("stored value does not unpack to ", size, " bytes"));
  }
  return content;
}

}  // namespace spirogram::store
