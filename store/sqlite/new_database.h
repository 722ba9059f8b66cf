// The first moment of a database: nobody ever sees one that is half made.
#pragma once

#include <string>

#include "base/result.h"

namespace spirogram::store {

// Puts a database without runs, of SchemaVersion(), in the place of the empty file at `path`; it is
// on the disk when this returns. A writer that makes it in place is as safe, but waits for the disk
// seven times in place of two, before the first page can be asked for.
Status MakeDatabase(const std::string& path);

}  // namespace spirogram::store
