// A sorted string table as LevelDB writes it, which TensorFlow's checkpoints are made of. Blocks of
// prefix-compressed entries, each followed by a byte for its compression and a masked CRC-32C; 48
// bytes at the end say where the block stands that names the others. Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spirogram::store {

class SortedTable {
 public:
  // `bytes` from `offset` on, all of which are there.
  using Read = std::function<Result<std::string>(uint64_t offset, size_t bytes)>;
  using OnEntry = std::function<Status(std::string_view key, std::string_view value)>;

  // Reads where the blocks stand, of a file of `file_bytes`. kCorruption, here and below, says what
  // does not hold; kInvalidArgument for blocks of another compression than Snappy's; kExhausted for
  // one that is, or that uncompressed would be, longer than `block_bytes_max`.
  static Result<SortedTable> Open(uint64_t file_bytes, size_t block_bytes_max, Read read);

  // Calls `on_entry` with each entry in order; an Error from it stops.
  Status ForEach(const OnEntry& on_entry) const;
  // The value of `key`, if there is one.
  Result<std::optional<std::string>> Find(std::string_view key) const;

 private:
  struct Handle {
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };
  struct Block {
    std::string last_key;  // none of the block is behind it, all of the next one are
    Handle handle;
  };

  SortedTable(uint64_t file_bytes, size_t block_bytes_max, Read read)
      : file_bytes_(file_bytes), block_bytes_max_(block_bytes_max), read_(std::move(read)) {}
  static bool ParseHandle(std::string_view bytes, Handle* handle);
  Result<Handle> ReadFooter() const;
  Result<std::string> ReadBlock(const Handle& handle) const;

  uint64_t file_bytes_;
  size_t block_bytes_max_;
  Read read_;
  std::vector<Block> blocks_;
};

}  // namespace spirogram::store
