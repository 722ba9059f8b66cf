// SHA-256 (FIPS 180-4): a name of fixed length for a text of any, which nobody can make two texts
// share. Not for secrets, and not fast.
#pragma once

#include <string>
#include <string_view>

namespace spirogram {

// The digest of `data` as 64 hexadecimal digits, in lower case. Thread-safe.
std::string Sha256Hex(std::string_view data);

}  // namespace spirogram
