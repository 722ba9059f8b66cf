// Where a logger sends to: "http://host[:port][/prefix]". Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::logger {

struct Url {
  std::string host;  // without the brackets of an IPv6 address
  uint16_t port = 80;
  std::string prefix;  // "" or "/prefix": what a proxy puts in front of the server's own paths

  std::string Authority() const;  // "host:port" as the Host header wants it
  std::string ToString() const;
};

// kInvalidArgument says what is wrong. No other scheme, user, query or fragment.
Result<Url> ParseUrl(std::string_view text);

// All but letters, digits, '-', '_', '.' and '~' becomes %XX.
std::string PercentEncode(std::string_view text);

}  // namespace spirogram::logger
