// Reads of runs as lists show them: what was read of them, what users said, and the verdict on
// their state.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/run_change.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// Runs that are not deleted, newest start first. `now` decides which silence counts.
Result<std::vector<Run>> SelectRuns(Database& database, WallTime now);
// Those of them that are among `ids`, in the same order.
Result<std::vector<Run>> SelectRunsAmong(Database& database, std::span<const RunId> ids,
                                         WallTime now);
// The run of that name, where one is there and not deleted; of several the newest.
Result<std::optional<RunId>> SelectRunByName(Database& database, std::string_view name);
// Deleted runs, newest deletion first.
Result<std::vector<Run>> SelectDeletedRuns(Database& database, WallTime now);
// Any run, with all of its note.
Result<Run> SelectRun(Database& database, RunId id, WallTime now);
// Any runs, in the order of `ids`, with all of their notes.
Result<std::vector<Run>> SelectRunsById(Database& database, std::span<const RunId> ids,
                                        WallTime now);

// Of all runs, deleted ones included, by id. Reads the size of every row.
Result<std::vector<RunSize>> SelectRunSizes(Database& database);

}  // namespace spirogram::store
