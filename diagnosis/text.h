// Words for numbers, so that every finding reads as if one person had written it.
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/types.h"

namespace spirogram::diagnosis {

// "1,234,567"
std::string Thousands(int64_t number);

// "1 unit", "1,204 units": the plural takes an s.
std::string Counted(int64_t number, std::string_view noun);

// "is" for one, "are" for the rest.
std::string_view IsAre(int64_t number);
// "was" for one, "were" for the rest.
std::string_view WasWere(int64_t number);

// A share of 0 to 1: "61 %", "5.5 %", "0.042 %". Never "100 %" or "0 %" for a share that is not.
std::string Percent(double share);

// Two significant digits: "0.0021", "4.1e-8", "23,000". "NaN", "Inf", "-Inf".
std::string Number(double value);

// At most so many digits behind the point, where two in all would hide a difference: "1.46",
// "0.9553". REQUIRES: the value is finite and below 1e9.
std::string Decimals(double value, int digits);

// "steps 401 to 500", or "step 500" where there is but one.
std::string StepRange(Step first, Step last);

// "3, 7, 12 and 35 more", where `total` counts the ids behind the list too; "none" if it is empty.
std::string IdList(std::span<const int64_t> ids, int64_t total);

}  // namespace spirogram::diagnosis
