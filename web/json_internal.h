// Shared by the json*.cc files alone: the only header that knows the JSON library.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::web {

// Fields keep the order in which docs/api.md lists them.
using Json = nlohmann::ordered_json;

Json JsonNumber(double value);

// False where values nest deeper than 256. The library reads any depth, but copies, compares and
// writes by recursion, and an error quotes the value that is wrong: 200,000 brackets would take all
// of a thread's stack.
bool IsShallow(std::string_view text);

// The library's writer and parser are a second's work of the compiler each: json.cc alone has them.
std::string Dump(const Json& json);
// `is_discarded()` when `text` is not JSON, not shallow, or gives an object more than 1,000
// fields.
Json ParseJson(std::string_view text);

Json ToJson(const store::Run& run);
Json ToJson(const store::HparamValue& value);

// Nothing when `text` is not one JSON object, is not shallow, names a field twice (the library
// would silently keep the last one) or gives an object more than 10,000 fields.
std::optional<Json> ParseJsonObject(std::string_view text);

inline constexpr int64_t kExactIntegerMax = int64_t{1} << 53;  // of JavaScript's numbers

// "field NAME: got VALUE, want WANT".
Error FieldError(const std::string& name, const Json& value, std::string_view want);
Result<int64_t> ReadInteger(const std::string& name, const Json& value, int64_t min, int64_t max);

// At most 10,000 ids.
Result<std::vector<store::RunId>> ParseRunIds(const Json& value);
// Json's objects search all their fields for each new one; this does not. REQUIRES: `name` is new.
void AppendField(const std::string& name, Json value, Json* object);

template <typename Range, typename Function>
Json JsonArray(const Range& range, const Function& function) {
  Json array = Json::array();
  for (const auto& item : range) array.push_back(function(item));
  return array;
}

}  // namespace spirogram::web
