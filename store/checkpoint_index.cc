#include "store/checkpoint_index.h"

#include <algorithm>
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
  return InvalidArgument(StrCat("checkpoint index: compression ", compression,
                                " is not read; TensorFlow writes none"));
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

// BundleEntryProto.
Result<CheckpointVariable> ReadVariable(std::string_view name, std::string_view bytes) {
  CheckpointVariable variable;
  variable.name = name;
  bool has_shape = true;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint)) variable.dtype = reader.number();
    if (reader.Is(2, Type::kBytes)) has_shape = ParseShape(reader.bytes(), &variable.shape);
    if (reader.Is(3, Type::kVarint)) variable.shard = static_cast<int64_t>(reader.number());
    if (reader.Is(4, Type::kVarint)) variable.offset = reader.number();
    if (reader.Is(5, Type::kVarint)) variable.bytes = reader.number();
    if (reader.Is(6, Type::kFixed32)) variable.masked_crc = static_cast<uint32_t>(reader.number());
    if (reader.Is(7, Type::kBytes)) variable.is_sliced = true;
  }
  if (reader.ok() && has_shape) return variable;
  return Damaged(StrCat("malformed variable \"", ToValidUtf8(name), "\""));
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
  const auto add = [&](std::string_view key, std::string_view value) -> Status {
    if (key.empty()) return ReadHeader(value, &index);
    if (index.variables.size() == kVariablesMax) {
      return Exhausted(StrCat("more than ", kVariablesMax, " variables"));
    }
    ASSIGN_OR_RETURN(CheckpointVariable variable, ReadVariable(key, value));
    index.variables.push_back(std::move(variable));
    return {};
  };
  ASSIGN_OR_RETURN(const std::string_view directory, ReadBlock(bytes, blocks));
  RETURN_IF_ERROR(ForEachEntry(directory, [&](std::string_view, std::string_view value) -> Status {
    BlockHandle handle;
    WireReader reader(value);
    if (!ReadHandle(&reader, &handle)) return Damaged("malformed handle of a block");
    ASSIGN_OR_RETURN(const std::string_view block, ReadBlock(bytes, handle));
    return ForEachEntry(block, add);
  }));
  if (index.shards == 0) return Damaged("no header");
  return index;
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
