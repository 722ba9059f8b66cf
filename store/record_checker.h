// Follows a stream of framed records (base/record.h) that comes in pieces of any size, checks every
// checksum as soon as its bytes are there, and knows where the last whole record ends. Holds no
// data: a record of 256 MiB costs as little as one of 60 bytes. Copyable, so that a piece can be
// tried before it is kept. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::store {

class RecordChecker {
 public:
  // The stream's bytes before `offset` are whole records that were checked already.
  explicit RecordChecker(uint64_t offset = 0) : length_(offset), whole_(offset) {}

  // Takes in the next bytes. kInvalidArgument names the offset of the first bad record; the checker
  // is then of no further use.
  Status Feed(std::string_view bytes);

  uint64_t length() const { return length_; }  // of the stream so far
  uint64_t whole() const { return whole_; }    // end of the last whole record
  // Framed size of the record that is under way: 0 when there is none, or its header is not whole.
  uint64_t open_record_bytes() const { return record_bytes_; }

 private:
  Status TakeHeader();
  Status TakeFooter();

  uint64_t length_;
  uint64_t whole_;
  std::string edge_;  // the part of a header or footer that is there
  uint64_t record_bytes_ = 0;
  uint64_t data_left_ = 0;
  uint32_t data_crc_ = 0;
};

}  // namespace spirogram::store
