// Room that is kept for the hour when the disk is full: a file of allocated blocks that is given
// back then. Without it a full disk is a trap: SQLite can neither empty its log into the database
// nor delete anything, because both need room first.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace spirogram::store {

class ReserveFile {
 public:
  // `bytes` 0 keeps none. Makes no file yet.
  ReserveFile(std::string folder, uint64_t bytes);

  // Allocates the file where it is missing. kExhausted where that would leave less than as much
  // again: then it is too early. What the database could take within itself (`reusable_bytes`)
  // counts as left; the file is then half as large.
  Status Make(uint64_t reusable_bytes);
  // Gives its room back.
  void Release();

  // Of the folder's disk, for who may write there; 0 where that cannot be told.
  static uint64_t FreeBytes(const std::string& folder);

  uint64_t bytes() const { return bytes_; }

 private:
  const std::string folder_;
  const std::string path_;
  const uint64_t bytes_;
};

}  // namespace spirogram::store
