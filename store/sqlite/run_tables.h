// The tables that hold a run's data, as the database itself lists them: what removes or measures a
// run cannot forget one that a later version added.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

struct RunTable {
  std::string name;
  std::string key;                 // columns that tell its rows apart, with ", " between them
  std::vector<std::string> sizes;  // expressions: the bytes of each column of bytes or text
  int numbers = 0;                 // how many columns hold numbers
};

// Every table with a column run_id, except `runs` and `run_labels`: those keep a purged run's path
// and what users said of it.
Result<std::vector<RunTable>> ListRunTables(Database& database);

// Deletes at most `rows_max` rows of the run; returns how many.
Result<int64_t> DeleteRows(Database& database, const RunTable& table, RunId run, int rows_max);

}  // namespace spirogram::store
