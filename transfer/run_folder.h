// Names from data as folders: what a run is called never leads out of the folder it is written to.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::transfer {

// "a/b" as the folder of the run below a log directory, "." for the directory itself.
// kInvalidArgument for names with a part that is empty, ".", "..", over 255 bytes or holds a NUL.
Result<std::string> RunFolder(std::string_view run);

}  // namespace spirogram::transfer
