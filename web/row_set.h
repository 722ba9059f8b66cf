// Sets of rows as clients write them, the same text as in the pages' links
// (static/src/base/row_set.ts): ranges ("0-4,9"), or "~" and a bitmap in base64url, where row i is
// bit i % 8 of byte i / 8.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::web {

// Both ends are in it.
struct RowRange {
  uint32_t first = 0;
  uint32_t last = 0;
  bool operator==(const RowRange&) const = default;
};

// Ascending, apart from each other; memory is bounded by the text's length, whatever its numbers.
using RowSet = std::vector<RowRange>;

// kInvalidArgument: the part that is no range, or that does not come after the one before.
Result<RowSet> ParseRowSet(std::string_view text);

int64_t CountRows(const RowSet& rows);
// REQUIRES: the last row is one that exists.
std::vector<uint32_t> UnfoldRows(const RowSet& rows);

}  // namespace spirogram::web
