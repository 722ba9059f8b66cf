// Names of runs.
#pragma once

#include <string>

#include "base/result.h"

namespace spirogram::logger {

// A run's name is a path: parts between single slashes, no "." or "..", no control characters.
// kInvalidArgument where it is something else.
Status CheckRunName(const std::string& run);

}  // namespace spirogram::logger
