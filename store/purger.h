// Removes the data of purged runs from the database, a bounded part at a time, so that reading and
// committing new data goes on between the parts. What a stop interrupts is taken up again.
//
// Used by the writer thread alone. The database file keeps its size: SQLite uses the freed pages
// for new data.
#pragma once

#include <cstdint>
#include <deque>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class Purger {
 public:
  static Result<Purger> Load(Database& database);

  bool has_work() const { return !runs_.empty(); }
  // The run is marked as being purged, in the database.
  void Add(RunId run);

  // Removes for about `budget_ns`, in one transaction. True when a run is done.
  Result<bool> Work(Database& database, int64_t budget_ns);

 private:
  std::deque<RunId> runs_;
};

}  // namespace spirogram::store
