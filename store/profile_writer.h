// Writes profile slices and notes. Chunks are kept as series keep their blocks (series_writer.h): a
// commit's slices swallow the chunks before them that are less than twice as long. So a run that is
// profiled live, some slices a commit, ends in at most 16 short chunks, and a slice is written some
// 16 times at most.
#pragma once

#include "base/result.h"
#include "store/run_batch.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// REQUIRES: within a write transaction.
Status WriteProfile(Database& database, RunBatch* run);

}  // namespace spirogram::store
