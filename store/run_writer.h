// Writes what a run has for a commit. Within a transaction of the caller's, so that the data and
// the read offsets become durable together.
#pragma once

#include "base/result.h"
#include "store/answers.h"
#include "store/run_batch.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// Writes everything. Adds a Change per tag with new events to `commit`. On an Error the series'
// tails are of no further use: build the run's state again from the database.
Status WriteRun(Database& database, RunBatch* run, Commit* commit);

// Removes what came from a file that was replaced, so that it can be read again from its start; the
// state's details must be loaded again afterwards, and the run be written in the same transaction.
// REQUIRES: nothing of the run waits.
Status RemoveFileData(Database& database, RunState* run, FileState* file);

}  // namespace spirogram::store
