// RFC 9110's Range for bodies that a player seeks in: one range of bytes. Pure.
#pragma once

#include <string_view>

#include "web/message.h"

namespace spirogram::web {

// Cuts a 200 answer to the one range that `range` ("bytes=0-99", "bytes=100-", "bytes=-50") asks
// for: 206 with Content-Range, or 416 where it begins behind the end. Any other text, and several
// ranges, leave the answer whole, as the RFC allows.
void ApplyRange(std::string_view range, Response* response);

}  // namespace spirogram::web
