// A file from front to back, unpacked where it is gzip: traces and tables are often kept so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"

struct z_stream_s;

namespace spirogram::transfer {

// Not thread-safe.
class UnpackedFile {
 public:
  static Result<UnpackedFile> Open(const std::string& path);

  // Replaces `out` by the next 256 KiB at most; empty at the end. kCorruption where the file is
  // gzip and damaged, or ends within it.
  Status Read(std::string* out);
  const std::string& path() const { return file_.path(); }
  // Of the file itself.
  uint64_t bytes_read() const { return offset_; }

 private:
  struct EndInflate {
    void operator()(z_stream_s* stream) const;
  };
  explicit UnpackedFile(RandomAccessFile file) : file_(std::move(file)) {}

  Status BeginInflate();
  Status Inflate(std::string* out);
  Status ReadPacked();

  RandomAccessFile file_;
  uint64_t offset_ = 0;
  std::string packed_;  // read from the file and not yet unpacked, where that is gzip
  std::unique_ptr<z_stream_s, EndInflate> stream_;
  bool is_between_members_ = false;
};

}  // namespace spirogram::transfer
