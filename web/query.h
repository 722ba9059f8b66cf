// Query strings as typed values. Everything is decoded exactly once, here, and what does not fit is
// an error that names the parameter, what it was and what it should be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spirogram::web {

enum class PlusSign { kLiteral, kSpace };

// Decodes %XX once. kInvalidArgument for an incomplete or non-hexadecimal escape and for bytes that
// are not UTF-8. NUL is a character like any other: tags hold it, and nothing here is C text.
Result<std::string> PercentDecode(std::string_view text, PlusSign plus);

struct IntegerRange {
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
};

// `text` as an integer of the range, or an error: "WHAT: got "x", want an integer from 3 to 10000".
Result<int64_t> ParseInteger(std::string_view what, std::string_view text, IntegerRange range);

class Query {
 public:
  // "a=1&b=two%20words": names and values decoded ('+' is a space, as forms and URLSearchParams
  // write it). A repeated name is kInvalidArgument, so that no two readers can disagree on which
  // one counts.
  static Result<Query> Parse(std::string_view text);

  // kInvalidArgument when a parameter is not among `names`.
  Status AllowOnly(const std::vector<std::string_view>& names) const;

  const std::string* Find(std::string_view name) const;
  // Required and not empty.
  Result<std::string> Text(std::string_view name) const;
  // Without `fallback` the parameter is required.
  Result<int64_t> Integer(std::string_view name, IntegerRange range,
                          std::optional<int64_t> fallback = std::nullopt) const;
  // "0.5,-2,1e3": exactly `count` finite numbers; empty when the parameter is absent.
  Result<std::vector<double>> Numbers(std::string_view name, size_t count) const;
  // "1,2,3", each at least 1; empty when the parameter is absent; kInvalidArgument above
  // `count_max`.
  Result<std::vector<int64_t>> Ids(std::string_view name, size_t count_max) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace spirogram::web
