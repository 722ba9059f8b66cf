// The embedding of a run, from the database of a server.
#pragma once

#include "base/result.h"
#include "mapping/input.h"

namespace spirogram::mapping {

// kNotFound names what there is: the runs, the run's embeddings, the steps. kExhausted where the
// rows would take more than `bytes_max`, before they are read.
Result<Table> ReadRunTable(const InputOptions& options);

}  // namespace spirogram::mapping
