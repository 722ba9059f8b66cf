// Protobuf's text format as a tree, without a schema: enough for projector_config.pbtxt. Own,
// because libprotobuf prints to stderr, refuses a whole file for one string that is not UTF-8, and
// knows no bounds.
//
//   name: "text"   name: 12   name: [1, 2]   name { ... }   name: < ... >   # comment
//
// Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::store {

struct TextField {
  std::string name;
  std::string value;  // of a scalar: the bytes of a string, else the token as written
  bool is_message = false;
  std::vector<TextField> fields;  // of a message
};

// At most 32 levels and 100,000 fields; kCorruption names the line.
Result<std::vector<TextField>> ParseTextProto(std::string_view text);

}  // namespace spirogram::store
