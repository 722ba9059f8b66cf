#include "store/sorted_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "base/str.h"
#include "base/wire.h"
#include "store/snappy.h"

namespace spirogram::store {
namespace {

constexpr size_t kFooterBytes = 48;
constexpr uint64_t kMagic = 0xdb4775248b80fb57;
constexpr size_t kTrailerBytes = 5;  // compression, checksum
constexpr size_t kBlocksMax = 1'000'000;
// Of the keys of all blocks together, which are prefix-compressed: a few bytes may stand for
// megabytes.
constexpr size_t kKeyBytesMax = size_t{64} << 20;

enum Compression : uint8_t { kPlain = 0, kSnappy = 1 };

template <typename T>
T Load(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Error Damaged(std::string_view what) {
  return Corruption(StrCat("table: ", what));
}

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

}  // namespace

bool SortedTable::ParseHandle(std::string_view bytes, Handle* handle) {
  WireReader reader(bytes);
  handle->offset = reader.ReadVarint();
  handle->bytes = reader.ReadVarint();
  return reader.ok();
}

// Where the directory stands.
Result<SortedTable::Handle> SortedTable::ReadFooter() const {
  if (file_bytes_ < kFooterBytes) return Damaged("the file is too short");
  ASSIGN_OR_RETURN(const std::string footer, read_(file_bytes_ - kFooterBytes, kFooterBytes));
  if (Load<uint64_t>(footer, kFooterBytes - sizeof(uint64_t)) != kMagic) {
    return Damaged("the file does not end like a table");
  }
  WireReader reader(footer);
  reader.ReadVarint();  // offset and bytes of a block of metadata, which is empty
  reader.ReadVarint();
  Handle directory;
  if (reader.ok() && ParseHandle(reader.rest(), &directory)) return directory;
  return Damaged("malformed footer");
}

Result<std::string> SortedTable::ReadBlock(const Handle& handle) const {
  if (handle.offset > file_bytes_ || handle.bytes > file_bytes_ - handle.offset ||
      file_bytes_ - handle.offset - handle.bytes < kTrailerBytes) {
    return Damaged("a block reaches beyond the file");
  }
  if (handle.bytes > block_bytes_max_) {
    return Exhausted(StrCat("table: a block of more than ", block_bytes_max_, " bytes"));
  }
  ASSIGN_OR_RETURN(std::string block, read_(handle.offset, handle.bytes + kTrailerBytes));
  const auto crc_want = Load<uint32_t>(block, handle.bytes + 1);
  block.resize(handle.bytes + 1);
  const uint32_t crc_got = MaskedCrc32c(block);
  if (crc_got != crc_want) {
    return Damaged(StrCat("block at ", handle.offset, ": checksum got ", Hex32(crc_got), ", want ",
                          Hex32(crc_want)));
  }
  const auto compression = static_cast<uint8_t>(block.back());
  block.pop_back();
  if (compression == kPlain) return block;
  if (compression == kSnappy) return SnappyUncompress(block, block_bytes_max_);
  return InvalidArgument(StrCat("table: its blocks are compressed by method ", compression,
                                ", want 0 (none) or 1 (Snappy)"));
}

Result<SortedTable> SortedTable::Open(uint64_t file_bytes, size_t block_bytes_max, Read read) {
  SortedTable table(file_bytes, block_bytes_max, std::move(read));
  ASSIGN_OR_RETURN(const Handle at, table.ReadFooter());
  ASSIGN_OR_RETURN(const std::string directory, table.ReadBlock(at));
  size_t key_bytes = 0;
  uint64_t block_bytes = 0;
  RETURN_IF_ERROR(
      ForEachEntry(directory, [&](std::string_view key, std::string_view value) -> Status {
        if (table.blocks_.size() == kBlocksMax) {
          return Exhausted(StrCat("table: more than ", kBlocksMax, " blocks"));
        }
        Block& block = table.blocks_.emplace_back();
        if (!ParseHandle(value, &block.handle)) return Damaged("malformed handle of a block");
        block_bytes += std::min(block.handle.bytes, file_bytes);
        if (block_bytes > file_bytes) return Damaged("its blocks overlap");
        key_bytes += key.size();
        if (key_bytes > kKeyBytesMax) {
          return Exhausted(StrCat("table: keys of blocks of more than ", kKeyBytesMax, " bytes"));
        }
        block.last_key = key;
        return {};
      }));
  return table;
}

Status SortedTable::ForEach(const OnEntry& on_entry) const {
  for (const Block& block : blocks_) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadBlock(block.handle));
    RETURN_IF_ERROR(ForEachEntry(bytes, on_entry));
  }
  return {};
}

Result<std::optional<std::string>> SortedTable::Find(std::string_view key) const {
  const auto block = std::lower_bound(
      blocks_.begin(), blocks_.end(), key,
      [](const Block& before, std::string_view wanted) { return before.last_key < wanted; });
  if (block == blocks_.end()) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string bytes, ReadBlock(block->handle));
  std::optional<std::string_view> found;
  RETURN_IF_ERROR(ForEachEntry(bytes, [&](std::string_view entry, std::string_view value) {
    if (entry == key) found = value;
    return Status();
  }));
  if (!found) return std::optional<std::string>();
  // In place: the value may be nearly all of a block of a gigabyte.
  bytes.resize(static_cast<size_t>(found->data() - bytes.data()) + found->size());
  bytes.erase(0, bytes.size() - found->size());
  return std::optional(std::move(bytes));
}

}  // namespace spirogram::store
