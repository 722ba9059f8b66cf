// Names from data as folders: what a run is called never leads out of the folder it is written to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"

namespace spirogram::transfer {

// "a/b" as the folder of the run below a log directory, "." for the directory itself.
// kInvalidArgument for names with a part that is empty, ".", "..", over 255 bytes or holds a NUL.
Result<std::string> RunFolder(std::string_view run);

// The time in the name of an event file; whoever wrote the log may have logged any.
int64_t SecondsInName(WallTime wall_time);

}  // namespace spirogram::transfer
