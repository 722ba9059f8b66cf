// How the data directory does: whether it can be written, and what takes up its room.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"

namespace spirogram::store {

struct StorageState {
  enum class Health {
    kOk,
    kFull,     // no room: what is new waits in its event files; everything read is answered
    kFailing,  // writes fail for another reason, and are tried again
  };

  Health health = Health::kOk;
  std::string detail;  // what to do about it, in a sentence; empty when kOk
  WallTime since = 0;  // when it began; 0 when kOk
};

// "ok", "full", "failing": the names that the API uses.
const char* StorageHealthName(StorageState::Health health);

struct StorageUse {
  uint64_t database_bytes = 0;   // of the file
  uint64_t log_bytes = 0;        // of its write-ahead log
  uint64_t reusable_bytes = 0;   // of the file, that deleted data has left: used before it grows
  uint64_t disk_free_bytes = 0;  // of its file system
};

}  // namespace spirogram::store
