// The part of a file that a reader looks at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/file_mapping.h"
#include "base/result.h"

namespace spirogram::store {

// Bytes that are taken from the front and added at the back. Unlike std::string, it does not clear
// memory that is about to be read into.
class ReadWindow {
 public:
  std::string_view view() const { return {bytes_ + begin_, size()}; }
  size_t size() const { return end_ - begin_; }

  void DropFront(size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) Clear();
  }
  void Clear() { begin_ = end_ = 0; }

  // What is added from now on is a mapping of the file, where its file system has them: nothing is
  // copied.
  void StartMapping() { is_mapped_ = true; }
  // And copied again. Empties the window.
  void StopMapping() {
    is_mapped_ = false;
    mapping_ = FileMapping();
    bytes_ = memory_.get();
    Clear();
  }
  bool is_mapped() const { return is_mapped_; }
  // Whether nothing that was looked at had gone from the file by then. Copies are always whole.
  bool IsWhole() const { return mapping_.IsWhole(); }

  // Adds up to `bytes` that stand at `offset` of the file, where the window ends. Returns how many
  // there were. REQUIRES, while it maps: the file has them.
  Result<size_t> Append(const RandomAccessFile& file, uint64_t offset, uint64_t bytes) {
    if (bytes == 0) return 0;
    if (is_mapped_ && MapTo(file, offset, offset + bytes)) return static_cast<size_t>(bytes);
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
  // The window, which ends at `end` of the file, reaches to `new_end` then. False where nothing can
  // be mapped: what it holds is a copy from then on.
  bool MapTo(const RandomAccessFile& file, uint64_t end, uint64_t new_end) {
    constexpr uint64_t kMappedBytes = 1 << 20;  // at a time: they count as memory of the program
    const uint64_t begin = end - size();
    const bool is_there = begin >= mapped_at_ && new_end <= mapped_at_ + mapping_.view().size();
    if (!is_there) {
      const uint64_t at = begin - begin % FileMapping::PageBytes();
      auto mapping =
          FileMapping::Map(file, at, static_cast<size_t>(std::max(kMappedBytes, new_end - at)));
      if (!mapping.ok()) {
        KeepCopy();
        return false;
      }
      mapping_ = std::move(mapping).value();
      mapped_at_ = at;
      bytes_ = mapping_.view().data();
    }
    begin_ = static_cast<size_t>(begin - mapped_at_);
    end_ = static_cast<size_t>(new_end - mapped_at_);
    return true;
  }

  void KeepCopy() {
    const std::string kept(view());
    StopMapping();
    Reserve(kept.size());
    if (!kept.empty()) std::memcpy(memory_.get(), kept.data(), kept.size());
    end_ = kept.size();
  }

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
    bytes_ = memory_.get();
    begin_ = 0;
    end_ = used;
  }

  const char* bytes_ = nullptr;  // of the memory, or of the mapping
  size_t begin_ = 0;
  size_t end_ = 0;
  std::unique_ptr<char[]> memory_;
  size_t capacity_ = 0;
  bool is_mapped_ = false;
  FileMapping mapping_;
  uint64_t mapped_at_ = 0;  // of the file
};

}  // namespace spirogram::store
