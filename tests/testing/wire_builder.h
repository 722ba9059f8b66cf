// Protobuf messages written field by field, for messages that this tree has no .proto of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/wire.h"

namespace spirogram::testing {

inline std::string Field(uint32_t number, std::string_view bytes) {
  std::string out;
  AppendBytesField(number, bytes, &out);
  return out;
}

inline std::string Varint(uint32_t number, uint64_t value) {
  std::string out;
  AppendVarint(uint64_t{number} << 3, &out);
  AppendVarint(value, &out);
  return out;
}

}  // namespace spirogram::testing
