// Appends points to a committed series. Full blocks are written once; the tail is kept as blocks of
// falling size: a new block swallows those before it that are less than twice as long. So a series
// that gets one point per commit has at most 12 short blocks, and a point is written at most 12
// times. Discarded: rewriting one tail block at each commit, which writes each point up to 4096
// times.
#pragma once

#include "base/result.h"
#include "base/types.h"
#include "store/run_batch.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// Writes the points of `series` and brings its tail up to date. REQUIRES: within a write
// transaction.
Status WriteSeries(Database& database, RunId run, int64_t tag_id, SeriesBatch* series);

// Rewrites the blocks from `first_point` on as full ones and a last short one. REQUIRES: within a
// write transaction; nobody holds the series' tail.
Status MergeBlocks(Database& database, RunId run, int64_t tag_id, int64_t session_id,
                   int64_t first_point);

}  // namespace spirogram::store
