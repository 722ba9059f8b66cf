// Writes what a run has waiting. Within a transaction of the caller's, so that the data and the
// read offsets become durable together.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// Writes everything and clears what waits. Adds a Change per tag with new events to `commit`. On an
// Error the state is half cleared: build it again from the database.
Status WriteRun(Database& database, RunState* run, Commit* commit);

// Removes what came from a file that was replaced, so that it can be read again from its start; the
// state's details must be loaded again afterwards. REQUIRES: nothing of the run waits.
Status RemoveFileData(Database& database, RunState* run, FileState* file);

}  // namespace spirogram::store
