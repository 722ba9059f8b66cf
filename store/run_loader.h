// Reads what is committed back into RunState: at a start, and after a commit that failed.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "store/logdir.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// All runs with their files and sessions; no tags. A few rows per run.
Result<std::vector<std::unique_ptr<RunState>>> LoadRuns(Database& database, const Logdir& logdir);

// The run's tags, profile names and number of warnings. Once per run, when it grows.
Status LoadRunDetails(Database& database, RunState* run);

// The end of one tag's committed points of one session.
Status LoadSeriesTail(Database& database, RunId run, int64_t tag_id, int64_t session_id,
                      SeriesTail* tail);

}  // namespace spirogram::store
