// A Finding as a BLOB (blob_codec.h): format byte 1, then its fields in the order of
// store/finding.h; numbers little-endian, strings and vectors with a uint64 length in front.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/finding.h"

namespace spirogram::store {

std::string EncodeFinding(const Finding& finding);
Result<Finding> DecodeFinding(std::string_view blob);

}  // namespace spirogram::store
