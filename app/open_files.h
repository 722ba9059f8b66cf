// How many files the process may have open: connections and databases count.
#pragma once

#include "base/result.h"

namespace spirogram::app {

// Raises the process's own limit towards what the system allows it, up to kOpenFilesMax: many
// systems begin at 1,024, which is what as many pages take alone. kExhausted where less than `want`
// is allowed.
inline constexpr int kOpenFilesMax = 65'536;
Status AllowOpenFiles(int want);

}  // namespace spirogram::app
