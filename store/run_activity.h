// The table run_activity: evidence of a run's status, written with what was read of it.
#pragma once

#include <unordered_map>

#include "base/result.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// What `run` gives as evidence at this moment; `has_events` and the like come from its row.
RunEvidence EvidenceOf(const RunState& run);

// Of its event files, as last listed.
uint64_t BytesOnDisk(const RunState& run);

Status WriteActivity(Database& database, RunId run, const RunEvidence& evidence,
                     uint64_t bytes_on_disk);
// Into the runs, by id.
Status LoadActivity(Database& database, const std::unordered_map<RunId, RunState*>& runs);

}  // namespace spirogram::store
