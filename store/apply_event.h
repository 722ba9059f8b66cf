// Adds records of an event file to what waits for the next commit. Touches memory only.
#pragma once

#include <span>

#include "base/record.h"
#include "store/apply_value.h"
#include "store/event_parser.h"
#include "store/run_state.h"

namespace spirogram::store {

// Adds whole records of one file in their order, and returns how many: it stops early where a
// commit is best made (PendingSize::ends_blocks). What cannot be read becomes a warning of the run.
// `scratch` is memory to reuse. REQUIRES: run->are_details_loaded.
size_t ApplyRecords(std::span<const FramedRecord> records, RunState* run, FileState* file,
                    ParsedEvent* scratch, PendingSize* size);

// Keeps a warning, up to a bound per run.
void AddWarning(RunState* run, PendingWarning warning);

}  // namespace spirogram::store
