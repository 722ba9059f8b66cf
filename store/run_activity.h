// The table run_activity: evidence of a run's status, written with what was read of it.
#pragma once

#include <unordered_map>

#include "base/result.h"
#include "store/run_batch.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// What `run` gives as evidence at this moment.
RunEvidence EvidenceOf(const RunState& run);
// Of its event files, as last seen.
uint64_t BytesOnDisk(const RunState& run);

Status WriteActivity(Database& database, const RunBatch& run);
// Into the runs, by id.
Status LoadActivity(Database& database, const std::unordered_map<RunId, RunState*>& runs);

}  // namespace spirogram::store
