// The event of a scalar whose tag has had its metadata, by hand: nearly every record of a file is
// one. It is the bytes that protobuf makes of the same event, whose objects took half of the time
// that a scalar takes from the call to the file.
#pragma once

#include <string>
#include <string_view>

#include "base/types.h"

namespace spirogram::logger {

// Replaces `event` by the serialized event. REQUIRES: `tag` is valid UTF-8 of 1 to 2^20 bytes.
void SerializePlainScalar(std::string_view tag, Step step, WallTime wall_time, float value,
                          std::string* event);

}  // namespace spirogram::logger
