// A message as protobuf's text format, by its schema: what Python's str(message) gives. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "web/tensorboard/graph_schema.h"

namespace spirogram::web::tensorboard {

// Fields by number, maps by key; fields that the schema does not know are left out. kCorruption for
// bytes that are no such message, kExhausted above kTextBytesMax of text or kTextDepthMax levels.
inline constexpr size_t kTextBytesMax = size_t{512} << 20;
inline constexpr int kTextDepthMax = 64;
Result<std::string> PrintMessage(const MessageSchema& schema, std::string_view message);

}  // namespace spirogram::web::tensorboard
