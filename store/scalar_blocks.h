// The blocks of a scalar series, and which of their points a reader may show. REQUIRES, for all
// that take a database: a read transaction is open.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "store/answers.h"
#include "store/block_codec.h"
#include "store/pyramid.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// A block, as its summary tells.
struct BlockRef {
  int64_t session_id = 0;
  int64_t first_point = 0;
  Summary summary;
  Step from = 0;  // its visible steps, inclusive
  Step to = 0;
  bool is_whole = false;  // all its points are visible
};

struct Series {
  RunId run;
  int64_t tag_id;
  std::vector<BlockRef> blocks;  // by lowest step
};

// All blocks of the series, by session and point; `from` and `to` are the caller's to set.
Result<std::vector<BlockRef>> SelectBlocks(Database& database, RunId run, int64_t tag_id);

// Applies the restart rule: limits the blocks of each session to the steps before its cutoff.
// REQUIRES: `blocks` are in the order of SelectBlocks.
Status HideSuperseded(Database& database, RunId run, std::vector<BlockRef>* blocks);

// Drops the blocks of which nothing is visible and orders the others by their lowest step.
void KeepVisible(std::vector<BlockRef>* blocks);

// Appends all points of the block, visible or not.
Status ReadPoints(Database& database, const Series& series, const BlockRef& block,
                  ScalarPoints* points);
// The summaries below a full block.
Result<std::vector<Summary>> ReadPyramid(Database& database, const Series& series,
                                         const BlockRef& block);

}  // namespace spirogram::store
