// Bytes of a file as memory, for whoever reads many of them once: the kernel's copy into a buffer
// takes longer than a checksum over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace spirogram {

struct MappedRange;

// Movable. Any thread may read the bytes. They may change where another program writes over them.
//
// What the file loses meanwhile, since it is cut or its disk fails, reads as zeros, and the mapping
// is no longer whole; the system would end the program (SIGBUS). Its signal is taken for that, and
// handed on where no mapping is concerned.
class FileMapping {
 public:
  FileMapping() = default;
  FileMapping(FileMapping&& other) noexcept;
  FileMapping& operator=(FileMapping&& other) noexcept;
  ~FileMapping();

  // `offset` is a multiple of PageBytes(). Bytes beyond the file's end are lost ones. An Error
  // where the file system has no mappings, or kMappingsMax are there.
  static Result<FileMapping> Map(const RandomAccessFile& file, uint64_t offset, size_t bytes);
  static size_t PageBytes();
  static constexpr size_t kMappingsMax = 64;  // at a time, in the whole program

  // Empty for a mapping of nothing.
  std::string_view view() const;
  // Whether all that has been read of it so far were bytes of the file.
  bool IsWhole() const;

 private:
  explicit FileMapping(MappedRange* range) : range_(range) {}

  MappedRange* range_ = nullptr;
};

}  // namespace spirogram
