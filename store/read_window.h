// The part of a file that a reader looks at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace spirogram::store {

// Bytes that are taken from the front and added at the back. Unlike std::string, it does not clear
// memory that is about to be read into.
class ReadWindow {
 public:
  std::string_view view() const { return {memory_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }

  void DropFront(size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void Clear() { begin_ = end_ = 0; }

  // Adds up to `bytes` that stand at `offset` of the file. Returns how many there were.
  Result<size_t> Append(const RandomAccessFile& file, uint64_t offset, uint64_t bytes) {
    constexpr uint64_t kChunkBytes = 1 << 20;  // memory grows by what was read
    size_t total = 0;
    while (total < bytes) {
      const auto want = static_cast<size_t>(std::min(kChunkBytes, bytes - total));
      Reserve(want);
      ASSIGN_OR_RETURN(const size_t got,
                       file.ReadInto(offset + total, {memory_.get() + end_, want}));
      end_ += got;
      total += got;
      if (got < want) break;
    }
    return total;
  }

 private:
  // Makes room for `bytes` behind the end.
  void Reserve(size_t bytes) {
    if (capacity_ - end_ >= bytes) return;
    const size_t used = size();
    if (capacity_ < used + bytes) {
      capacity_ = std::max(used + bytes, std::min(2 * capacity_, used + 4 * bytes));
      auto grown = std::make_unique_for_overwrite<char[]>(capacity_);
      if (used > 0) std::memcpy(grown.get(), memory_.get() + begin_, used);
      memory_ = std::move(grown);
    } else if (used > 0) {
      std::memmove(memory_.get(), memory_.get() + begin_, used);
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> memory_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace spirogram::store
