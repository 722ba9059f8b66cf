// Protobuf messages written field by field, for messages that this tree has no .proto of.
#pragma once

#include <string>
#include <string_view>

namespace spirogram::testing {

// One field of a protobuf message.
inline std::string Field(int number, std::string_view bytes) {
  std::string out;
  out.push_back(static_cast<char>(number << 3 | 2));
  for (size_t size = bytes.size();; size >>= 7) {
    if (size < 128) {
      out.push_back(static_cast<char>(size));
      break;
    }
    out.push_back(static_cast<char>((size & 127) | 128));
  }
  return out.append(bytes);
}
inline std::string Field(int number, int value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};
}

}  // namespace spirogram::testing
