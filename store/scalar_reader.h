// Reads a scalar series in a bounded number of rows: from the block summaries where there are
// enough of them for the asked resolution, from the pyramids below them, or from the points
// themselves.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// REQUIRES: a read transaction is open.
Result<ScalarRows> SelectScalars(Database& database, const ScalarQuery& query);

// The last point of each, which SelectScalars gives as its last row; nothing where it finds none.
// REQUIRES: a read transaction is open.
Result<std::vector<std::optional<ScalarPoint>>> SelectLastPoints(
    Database& database, std::span<const SeriesName> series);

}  // namespace spirogram::store
