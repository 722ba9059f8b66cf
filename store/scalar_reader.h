// Reads a scalar series in a bounded number of rows: from the block summaries where there are
// enough of them for the asked resolution, from the pyramids below them, or from the points
// themselves.
#pragma once

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// REQUIRES: a read transaction is open.
Result<ScalarRows> SelectScalars(Database& database, const ScalarQuery& query);

}  // namespace spirogram::store
