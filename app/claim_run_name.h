// Names of runs that nobody chose.
#pragma once

#include <string>

#include "base/result.h"

namespace spirogram::app {

// The first of MODEL-1, MODEL-2, ... that is not there yet in the logdir, and its folder, made
// here: trainings that start at one moment never get the same. Makes the logdir where it is
// missing.
Result<std::string> ClaimRunName(const std::string& logdir, const std::string& model);

}  // namespace spirogram::app
