// Copies borrowed values (store/borrowed.h) into the database, a bounded part at a time, so that
// reading and committing new data goes on between the parts. What a stop interrupts is taken up
// again.
//
// Used by whoever owns the writing connection. A file that cannot be read keeps its values borrowed
// and says why in the run's warnings; LookAgain tries it anew.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class BorrowedCopier {
 public:
  bool has_work() const { return is_stale_ || !files_.empty(); }
  // Of the values that wait, as far as Work has found them; without those that cannot be read.
  uint64_t bytes_left() const { return bytes_left_; }
  // Values may have been borrowed since.
  void NoteCommit() { is_stale_ = true; }
  // Files that could not be read may be there again.
  void LookAgain();

  // Copies about `bytes_max` bytes, in one transaction. True when that changed a run's warnings.
  Result<bool> Work(Database& database, uint64_t bytes_max);
  // Copies all that can be.
  Status WorkAll(Database& database);

 private:
  struct File {
    RunId run = 0;
    int64_t id = 0;
    std::string path;
    uint64_t bytes_left = 0;
    std::string message;                      // as it stands in the database
    std::pair<int64_t, int> after = {-1, 0};  // position and item of the last value that was tried
    std::string why = {};                     // the first one that could not be copied could not
  };
  using FileKey = std::pair<RunId, int64_t>;

  Status FindFiles(Database& database);
  Result<uint64_t> CopySome(Database& database, uint64_t bytes_max, File* file);
  void CountDown(uint64_t bytes, File* file);
  Result<bool> Finish(Database& database, const File& file);

  bool is_stale_ = true;
  std::deque<File> files_;
  uint64_t bytes_left_ = 0;  // of all of them
  std::set<FileKey> unreadable_;
};

}  // namespace spirogram::store
