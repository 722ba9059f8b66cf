// Dates as programs write them into tables: ISO 8601 as of pandas and Python's isoformat().
#pragma once

#include <optional>
#include <string_view>

#include "base/types.h"

namespace spirogram::transfer {

// "2024-01-31T10:00:00.25+01:00", with a space in place of the T, with or without the fraction of a
// second and the zone: UTC where there is none, and where it is Z. Nothing for any other text.
std::optional<WallTime> ParseDate(std::string_view text);

}  // namespace spirogram::transfer
