// A file system for SQLite whose n-th call fails: what a disk does when it is full or broken, at
// every place at which it can happen.
#pragma once

#include <atomic>
#include <cstdint>

namespace spirogram::testing {

// Process-wide, as SQLite's list of file systems is. Thread-safe.
class FaultVfs {
 public:
  enum class Kind { kIoError, kFull };
  enum class Length { kOnce, kUntilHealed };

  // Makes it the file system of every database opened from now on. Idempotent.
  static void Install();

  // The n-th call from now (1 is the next) to open, write, sync, truncate or grow shared memory
  // fails.
  static void FailAt(int64_t call, Kind kind, Length length);
  static void Heal();
  // Calls that FailAt counts, since it was called last.
  static int64_t calls();
  static bool has_failed();
};

}  // namespace spirogram::testing
