// Reads every point of a scalar series, part by part.
#pragma once

#include "base/result.h"
#include "store/series_chunk.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// The points behind query.after, all of them and one by one. REQUIRES: a read transaction is open.
Result<PointsChunk> SelectPoints(Database& database, const PointsQuery& query);

}  // namespace spirogram::store
