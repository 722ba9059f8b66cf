// A file, unpacked where it is gzip, byte by byte or by the piece, with the number of the line,
// which LF, CR LF or a CR alone ends. A byte order mark at its start is skipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/str.h"
#include "transfer/unpacked_file.h"

namespace spirogram::transfer {

class ByteSource {
 public:
  static Result<ByteSource> Open(const std::string& path) {
    ASSIGN_OR_RETURN(UnpackedFile file, UnpackedFile::Open(path));
    ByteSource source(std::move(file));
    RETURN_IF_ERROR(source.Fill());
    const std::string_view begin = source.buffer_;
    if (begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff")) {
      return InvalidArgument(StrCat(path, ": the text is UTF-16, want UTF-8"));
    }
    if (begin.starts_with("\xef\xbb\xbf")) source.at_ = 3;
    return source;
  }

  // True when there is no further byte; then Peek and Take must not be called.
  Result<bool> IsAtEnd() {
    if (at_ < buffer_.size()) return false;
    RETURN_IF_ERROR(Fill());
    return buffer_.empty();
  }
  char Peek() const { return buffer_[at_]; }
  char Take() {
    const char c = buffer_[at_++];
    if (c == '\r' || (c == '\n' && !is_behind_cr_)) ++line_;
    is_behind_cr_ = c == '\r';
    return c;
  }

  // What comes next, as far as it lies in memory; valid until IsAtEnd is asked at its end.
  std::string_view buffered() const { return std::string_view(buffer_).substr(at_); }
  // As Take for each of the first `bytes` that are buffered.
  void Skip(size_t bytes) {
    const std::string_view skipped = buffered().substr(0, bytes);
    if (is_behind_cr_ || skipped.find('\r') != std::string_view::npos) {
      for (size_t i = 0; i < skipped.size(); ++i) Take();
      return;
    }
    for (size_t at = 0; (at = skipped.find('\n', at)) != std::string_view::npos; ++at) ++line_;
    at_ += skipped.size();
  }

  int64_t line() const { return line_; }
  const std::string& path() const { return file_.path(); }
  uint64_t bytes_read() const { return file_.bytes_read(); }
  // "FILE, line 7: WHAT"
  Error ErrorAt(int64_t line, const std::string& what) const {
    return InvalidArgument(StrCat(path(), ", line ", line, ": ", what));
  }

 private:
  explicit ByteSource(UnpackedFile file) : file_(std::move(file)) {}

  Status Fill() {
    at_ = 0;
    return file_.Read(&buffer_);
  }

  UnpackedFile file_;
  std::string buffer_;
  size_t at_ = 0;
  int64_t line_ = 1;
  bool is_behind_cr_ = false;
};

}  // namespace spirogram::transfer
