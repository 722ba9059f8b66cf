// A body that is made part by part while it is sent: its length is not known before, and no more
// of it than a part is ever in memory.
#pragma once

#include <string>

#include "base/result.h"

namespace spirogram::web {

// Called by one thread at a time, on a worker; may block for the disk.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Empty at the end. After an Error the connection is cut, so that the client sees that the body
  // is not whole.
  virtual Result<std::string> NextPart() = 0;
};

}  // namespace spirogram::web
