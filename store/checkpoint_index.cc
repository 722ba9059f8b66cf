#include "store/checkpoint_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "base/str.h"
#include "base/wire.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

constexpr size_t kFooterBytes = 48;
constexpr uint64_t kTableMagic = 0xdb4775248b80fb57;
constexpr size_t kBlockTrailerBytes = 5;  // compression, checksum
constexpr int64_t kShardsMax = 99'999;    // as many as their names have digits for
constexpr size_t kVariablesMax = 1'000'000;
// Of their names together, which the table prefix-compresses: a few bytes may stand for megabytes.
constexpr size_t kNameBytesMax = size_t{64} << 20;

template <typename T>
T Load(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Error Damaged(std::string_view what) {
  return Corruption(StrCat("checkpoint index: ", what));
}

struct BlockHandle {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

// False when there is none at the front of the reader.
bool ReadHandle(WireReader* reader, BlockHandle* handle) {
  handle->offset = reader->ReadVarint();
  handle->bytes = reader->ReadVarint();
  return reader->ok();
}

Result<std::string_view> ReadBlock(std::string_view table, const BlockHandle& handle) {
  if (handle.offset > table.size() || handle.bytes > table.size() - handle.offset ||
      table.size() - handle.offset - handle.bytes < kBlockTrailerBytes) {
    return Damaged("a block reaches beyond the file");
  }
  const std::string_view block = table.substr(handle.offset, handle.bytes);
  const std::string_view covered = table.substr(handle.offset, handle.bytes + 1);
  const auto crc_want = Load<uint32_t>(table, handle.offset + handle.bytes + 1);
  const uint32_t crc_got = MaskedCrc32c(covered);
  if (crc_got != crc_want) {
    return Damaged(StrCat("block at ", handle.offset, ": checksum got ", Hex32(crc_got), ", want ",
                          Hex32(crc_want)));
  }
  const auto compression = static_cast<uint8_t>(covered.back());
  if (compression == 0) return block;
  return InvalidArgument(
      StrCat("checkpoint index: its blocks are compressed (method ", compression,
             "), which TensorFlow's own savers never do: save the checkpoint again by one of them, "
             "or the tensor as .npy and name that by tensor_path"));
}

// Calls `on_entry` with each key and value; an Error from it stops.
template <typename OnEntry>
Status ForEachEntry(std::string_view block, OnEntry&& on_entry) {
  if (block.size() < sizeof(uint32_t)) return Damaged("a block is too short");
  const uint64_t restarts = Load<uint32_t>(block, block.size() - sizeof(uint32_t));
  const uint64_t tail_bytes = (restarts + 1) * sizeof(uint32_t);
  if (tail_bytes > block.size()) return Damaged("a block is too short for its restarts");
  std::string_view rest = block.substr(0, block.size() - tail_bytes);
  std::string key;
  while (!rest.empty()) {
    WireReader reader(rest);
    const uint64_t shared = reader.ReadVarint();
    const uint64_t added = reader.ReadVarint();
    const uint64_t value_bytes = reader.ReadVarint();
    if (!reader.ok() || shared > key.size()) return Damaged("malformed entry");
    rest = reader.rest();
    if (added > rest.size() || value_bytes > rest.size() - added) {
      return Damaged("an entry reaches beyond its block");
    }
    key.resize(shared);
    key.append(rest.substr(0, added));
    RETURN_IF_ERROR(on_entry(key, rest.substr(added, value_bytes)));
    rest.remove_prefix(added + value_bytes);
  }
  return {};
}

// BundleHeaderProto.
Status ReadHeader(std::string_view bytes, CheckpointIndex* index) {
  bool is_big_endian = false;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint)) index->shards = static_cast<int64_t>(reader.number());
    if (reader.Is(2, Type::kVarint)) is_big_endian = reader.number() != 0;
  }
  if (!reader.ok()) return Damaged("malformed header");
  if (index->shards < 1 || index->shards > kShardsMax) {
    return Damaged(StrCat("got ", index->shards, " shards, want 1 to ", kShardsMax));
  }
  if (is_big_endian) return InvalidArgument("the checkpoint is of a big-endian machine");
  return {};
}

// TensorSliceProto.
bool ReadSlice(std::string_view bytes, CheckpointSlice* slice) {
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    CheckpointSlice::Extent& extent = slice->extents.emplace_back();
    WireReader fields(reader.bytes());
    while (fields.Next()) {
      if (fields.Is(1, Type::kVarint)) extent.start = static_cast<int64_t>(fields.number());
      if (fields.Is(2, Type::kVarint)) extent.length = static_cast<int64_t>(fields.number());
    }
    is_valid = fields.ok();
  }
  return is_valid && reader.ok();
}

// BundleEntryProto.
Result<CheckpointVariable> ReadVariable(std::string_view name, std::string_view bytes) {
  CheckpointVariable variable;
  variable.name = name;
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kVarint)) variable.dtype = reader.number();
    if (reader.Is(2, Type::kBytes)) is_valid = ParseShape(reader.bytes(), &variable.shape);
    if (reader.Is(3, Type::kVarint)) variable.shard = static_cast<int64_t>(reader.number());
    if (reader.Is(4, Type::kVarint)) variable.offset = reader.number();
    if (reader.Is(5, Type::kVarint)) variable.bytes = reader.number();
    if (reader.Is(6, Type::kFixed32)) variable.masked_crc = static_cast<uint32_t>(reader.number());
    if (reader.Is(7, Type::kBytes)) {
      is_valid = ReadSlice(reader.bytes(), &variable.slices.emplace_back());
    }
  }
  if (reader.ok() && is_valid) return variable;
  return Damaged(StrCat("malformed variable ", Quoted(name)));
}

// The codes of TensorFlow's ordered_code.cc: bytes that are in the order of what they stand for.
void AppendOrdered(uint64_t number, std::string* out) {
  const auto bytes = static_cast<unsigned>((std::bit_width(number) + 7) / 8);
  out->push_back(static_cast<char>(bytes));
  for (unsigned i = bytes; i-- > 0;) out->push_back(static_cast<char>(number >> (8 * i)));
}

void AppendOrdered(std::string_view text, std::string* out) {
  for (const char c : text) {
    out->push_back(c);
    if (c == '\0') out->push_back('\xff');
    if (c == '\xff') out->push_back('\0');
  }
  out->append("\0\1", 2);
}

// Two's complement of as many bytes as it takes, over whose front as many ones as there are bytes,
// and a zero, are laid by exclusive or.
void AppendOrderedSigned(int64_t number, std::string* out) {
  const uint64_t magnitude = static_cast<uint64_t>(number < 0 ? ~number : number);
  const auto length = static_cast<size_t>(std::bit_width(magnitude)) / 7 + 1;
  std::string bytes(2, number < 0 ? '\xff' : '\0');
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(number) >> shift));
  }
  bytes.erase(0, bytes.size() - length);
  const uint32_t ones = 0xffff0000u >> length;
  bytes[0] = static_cast<char>(bytes[0] ^ static_cast<char>(ones >> 8));
  if (length > 1) bytes[1] = static_cast<char>(bytes[1] ^ static_cast<char>(ones));
  out->append(bytes);
}

}  // namespace

Result<CheckpointIndex> ParseCheckpointIndex(std::string_view bytes) {
  if (bytes.size() < kFooterBytes) return Damaged("the file is too short");
  const std::string_view footer = bytes.substr(bytes.size() - kFooterBytes);
  if (Load<uint64_t>(footer, kFooterBytes - sizeof(uint64_t)) != kTableMagic) {
    return Damaged("the file does not end like a table");
  }
  BlockHandle ignored;
  BlockHandle blocks;
  WireReader handles(footer);
  if (!ReadHandle(&handles, &ignored) || !ReadHandle(&handles, &blocks)) {
    return Damaged("malformed footer");
  }
  CheckpointIndex index;
  size_t name_bytes = 0;
  const auto add = [&](std::string_view key, std::string_view value) -> Status {
    if (key.empty()) return ReadHeader(value, &index);
    name_bytes += key.size();
    if (name_bytes > kNameBytesMax) {
      return Exhausted(StrCat("names of variables of more than ", kNameBytesMax, " bytes"));
    }
    if (index.variables.size() == kVariablesMax) {
      return Exhausted(StrCat("more than ", kVariablesMax, " variables"));
    }
    ASSIGN_OR_RETURN(CheckpointVariable variable, ReadVariable(key, value));
    index.variables.push_back(std::move(variable));
    return {};
  };
  ASSIGN_OR_RETURN(const std::string_view directory, ReadBlock(bytes, blocks));
  size_t block_bytes = 0;
  RETURN_IF_ERROR(ForEachEntry(directory, [&](std::string_view, std::string_view value) -> Status {
    BlockHandle handle;
    WireReader reader(value);
    if (!ReadHandle(&reader, &handle)) return Damaged("malformed handle of a block");
    ASSIGN_OR_RETURN(const std::string_view block, ReadBlock(bytes, handle));
    block_bytes += block.size();
    if (block_bytes > bytes.size()) return Damaged("its blocks overlap");
    return ForEachEntry(block, add);
  }));
  if (index.shards == 0) return Damaged("no header");
  return index;
}

std::string SliceName(std::string_view variable, const CheckpointSlice& slice) {
  std::string name;
  AppendOrdered(0, &name);
  AppendOrdered(variable, &name);
  AppendOrdered(slice.extents.size(), &name);
  for (const CheckpointSlice::Extent& extent : slice.extents) {
    AppendOrderedSigned(extent.start, &name);
    AppendOrderedSigned(extent.length, &name);
  }
  return name;
}

std::string CheckpointDataPath(const std::string& prefix, int64_t shard, int64_t shards) {
  const auto padded = [](int64_t number) {
    const std::string digits = StrCat(number);
    constexpr size_t kDigits = 5;
    return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
  };
  return StrCat(prefix, ".data-", padded(shard), "-of-", padded(shards));
}

}  // namespace spirogram::store
