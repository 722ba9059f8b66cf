// Unlinks the event files of one run: the only code that changes anything below a logdir.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace spirogram::store {

// Unlinks the regular files with "tfevents" in their names that lie in the folder `run` below
// `logdir` itself, not in folders below it. Links are neither followed nor removed: kPermission
// when the run's folder is reached by one. A folder that has gone is no error. Returns how many
// files were removed; an Error names the first that could not be, and those before it have gone.
Result<int64_t> RemoveEventFiles(const std::string& logdir, const std::string& run);

}  // namespace spirogram::store
