// Reads the values of a tag as event files hold them, in parts of bounded size.
#pragma once

#include "base/result.h"
#include "store/series_chunk.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// The values behind query.after. Those of hyperparameters are what the run's table says now, under
// the tags of old; those of profiles are cut anew into events of some hundred slices.
// kInvalidArgument for scalars, which SelectPoints reads. REQUIRES: a read transaction is open.
Result<LoggedValuesChunk> SelectLoggedValues(Database& database, const LoggedValuesQuery& query);

}  // namespace spirogram::store
