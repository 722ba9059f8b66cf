// One entry of a protobuf map field.
#pragma once

#include <string_view>

#include "base/wire.h"

namespace spirogram::store {

struct MapEntry {
  std::string_view key;
  std::string_view value;
};

// False when the bytes are malformed.
inline bool ParseMapEntry(std::string_view bytes, MapEntry* entry) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, WireReader::Type::kBytes)) entry->key = reader.bytes();
    if (reader.Is(2, WireReader::Type::kBytes)) entry->value = reader.bytes();
  }
  return reader.ok();
}

}  // namespace spirogram::store
