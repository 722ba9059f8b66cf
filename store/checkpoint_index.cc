#include "store/checkpoint_index.h"

#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "store/sorted_table.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

constexpr size_t kBlockBytesMax = size_t{64} << 20;
constexpr size_t kVariablesMax = 1'000'000;
// Of their names together, which the table prefix-compresses: a few bytes may stand for megabytes.
constexpr size_t kNameBytesMax = size_t{64} << 20;
// Of what is said of variables together, which Snappy compresses; a byte of it takes up to twelve
// in memory.
constexpr size_t kEntryBytesMax = size_t{64} << 20;

Error Damaged(std::string_view what) {
  return Corruption(StrCat("checkpoint index: ", what));
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
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kVarint)) variable.dtype = reader.number();
    if (reader.Is(2, Type::kBytes)) {
      is_valid = ParseShape(reader.bytes(), &variable.shape) && variable.shape.size() <= kAxesMax;
    }
    if (reader.Is(3, Type::kVarint)) variable.shard = static_cast<int64_t>(reader.number());
    if (reader.Is(4, Type::kVarint)) variable.offset = reader.number();
    if (reader.Is(5, Type::kVarint)) variable.bytes = reader.number();
    if (reader.Is(6, Type::kFixed32)) variable.masked_crc = static_cast<uint32_t>(reader.number());
    if (reader.Is(7, Type::kBytes)) {
      is_valid = variable.slices.size() < kSlicesMax &&
                 ParseCheckpointSlice(reader.bytes(), &variable.slices.emplace_back());
    }
  }
  if (reader.ok() && is_valid) return variable;
  return Damaged(StrCat("malformed variable ", Quoted(name)));
}

}  // namespace

Result<CheckpointIndex> ParseCheckpointIndex(std::string_view bytes) {
  ASSIGN_OR_RETURN(
      const SortedTable table,
      SortedTable::Open(bytes.size(), kBlockBytesMax, [bytes](uint64_t offset, size_t count) {
        return Result<std::string>(std::string(bytes.substr(offset, count)));
      }));
  CheckpointIndex index;
  size_t name_bytes = 0;
  size_t entry_bytes = 0;
  RETURN_IF_ERROR(table.ForEach([&](std::string_view key, std::string_view value) -> Status {
    if (key.empty()) return ReadHeader(value, &index);
    name_bytes += key.size();
    if (name_bytes > kNameBytesMax) {
      return Exhausted(StrCat("names of variables of more than ", kNameBytesMax, " bytes"));
    }
    entry_bytes += value.size();
    if (entry_bytes > kEntryBytesMax) {
      return Exhausted(StrCat("entries of variables of more than ", kEntryBytesMax, " bytes"));
    }
    if (index.variables.size() == kVariablesMax) {
      return Exhausted(StrCat("more than ", kVariablesMax, " variables"));
    }
    ASSIGN_OR_RETURN(CheckpointVariable variable, ReadVariable(key, value));
    index.variables.push_back(std::move(variable));
    return {};
  }));
  if (index.shards == 0) return Damaged("no header");
  return index;
}

std::string CheckpointDataPath(const std::string& prefix, int64_t shard, int64_t shards) {
  return ShardPath(StrCat(prefix, ".data"), shard, shards);
}

}  // namespace spirogram::store
