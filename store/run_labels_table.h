// The table run_labels: what users said of runs, and how far the removal of deleted ones is.
// Everything here runs within a transaction of the caller's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "store/answers.h"
#include "store/run_change.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// Carries out `change` for all of its runs, or for none on an Error: kNotFound for a missing run,
// kInvalidArgument for an edit that breaks a bound, kConflict for another revision, for a purge of
// a run that is not deleted and for a restoration while a purge is under way.
Status ApplyRunChange(Database& database, const RunChange& change, WallTime now);

// Runs whose data is being removed.
Result<std::vector<RunId>> SelectPurging(Database& database);
// Lets the purge of runs that were deleted before `deleted_before` begin; returns them.
Result<std::vector<RunId>> BeginPurges(Database& database, WallTime deleted_before);
// Marks the purge of a run of which no data is left as done.
Status FinishPurge(Database& database, RunId run);
// Takes back that a run is deleted, and purged where it is; its files were read as far as before.
// False where its data is still being removed, or it is not deleted.
Result<bool> ReviveRun(Database& database, RunId run);
// 0 when it is not deleted.
Result<WallTime> SelectDeletedTime(Database& database, RunId run);

// The run's folder below the logdir, as the file system spells it.
Result<std::string> SelectRunPath(Database& database, RunId run);

// The text that holds a run's tags in its row, and back.
std::vector<std::string> SplitTags(std::string_view lines);

}  // namespace spirogram::store
