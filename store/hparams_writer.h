// Writes what a run stated of its hyperparameters, and takes back what a file stated that is
// replaced. Stateless. REQUIRES, for all: a transaction that writes is open.
#pragma once

#include "base/result.h"
#include "base/types.h"
#include "store/hparams.h"
#include "store/run_batch.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

Status WriteHparamsMessages(Database& database, const RunBatch& run);
// A new session's hyperparameters take the place of the old ones as a whole.
Status ReplaceHparams(Database& database, RunId run, int64_t session_id, const Hparams& hparams);

// Those that a file stated went with it: the last that the others stated count again.
Status RestoreHparams(Database& database, RunId run);
// The tags count the messages of the other files; one without any goes.
Status RecountHparamsTags(Database& database, RunId run);

}  // namespace spirogram::store
