#include "web/query.h"

#include <algorithm>
#include <cmath>

#include "base/str.h"

namespace spirogram::web {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string DescribeRange(IntegerRange range) {
  if (range.min == INT64_MIN && range.max == INT64_MAX) return "an integer";
  if (range.max == INT64_MAX) return StrCat("an integer of at least ", range.min);
  return StrCat("an integer from ", range.min, " to ", range.max);
}

std::string ParameterName(std::string_view name) {
  return StrCat("query parameter ", Excerpt(name));
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return InvalidArgument(
            StrCat("bad escape \"", text.substr(i, 3), "\", want % and two hex digits"));
      }
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus == PlusSign::kSpace ? ' ' : text[i]);
    }
  }
  if (ToValidUtf8(out) != out) return InvalidArgument("the bytes are not UTF-8");
  return out;
}

Result<int64_t> ParseInteger(std::string_view what, std::string_view text, IntegerRange range) {
  const auto value = ParseNumber<int64_t>(text);
  if (!value || *value < range.min || *value > range.max) {
    return InvalidArgument(StrCat(what, ": got ", Quoted(text), ", want ", DescribeRange(range)));
  }
  return *value;
}

Result<Query> Query::Parse(std::string_view text) {
  Query query;
  if (text.empty()) return query;
  for (std::string_view part : Split(text, '&')) {
    const size_t equals = part.find('=');
    const std::string_view raw_value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    auto name = PercentDecode(part.substr(0, equals), PlusSign::kSpace);
    if (!name.ok()) return InvalidArgument(StrCat("query string: ", name.error().message));
    if (name->empty()) return InvalidArgument("query string: a parameter without a name");
    auto value = PercentDecode(raw_value, PlusSign::kSpace);
    if (!value.ok()) {
      return InvalidArgument(StrCat(ParameterName(*name), ": ", value.error().message));
    }
    if (query.Find(*name) != nullptr) {
      return InvalidArgument(StrCat(ParameterName(*name), ": given twice, want it once"));
    }
    query.parameters_.emplace_back(*std::move(name), *std::move(value));
  }
  return query;
}

Status Query::AllowOnly(const std::vector<std::string_view>& names) const {
  for (const auto& [name, value] : parameters_) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::string known;
    for (std::string_view allowed : names) known.append(known.empty() ? "" : ", ").append(allowed);
    return InvalidArgument(
        StrCat(ParameterName(name), ": unknown, want ", known.empty() ? "none" : "one of ", known));
  }
  return Status();
}

const std::string* Query::Find(std::string_view name) const {
  for (const auto& parameter : parameters_) {
    if (parameter.first == name) return &parameter.second;
  }
  return nullptr;
}

Result<std::string> Query::Text(std::string_view name) const {
  const std::string* value = Find(name);
  if (value == nullptr || value->empty()) {
    return InvalidArgument(StrCat(ParameterName(name), ": missing or empty, want a text"));
  }
  return *value;
}

Result<int64_t> Query::Integer(std::string_view name, IntegerRange range,
                               std::optional<int64_t> fallback) const {
  const std::string* value = Find(name);
  if (value != nullptr) return ParseInteger(ParameterName(name), *value, range);
  if (fallback) return *fallback;
  return InvalidArgument(StrCat(ParameterName(name), ": missing, want ", DescribeRange(range)));
}

Result<std::vector<double>> Query::Numbers(std::string_view name, size_t count) const {
  std::vector<double> numbers;
  const std::string* value = Find(name);
  if (value == nullptr) return numbers;
  for (std::string_view part : Split(*value, ',')) {
    const auto number = ParseNumber<double>(part);
    if (!number || !std::isfinite(*number) || numbers.size() == count) {
      return InvalidArgument(StrCat(ParameterName(name), ": got ", Quoted(*value), ", want ", count,
                                    " numbers and commas between"));
    }
    numbers.push_back(*number);
  }
  if (numbers.size() == count) return numbers;
  return InvalidArgument(
      StrCat(ParameterName(name), ": got ", numbers.size(), " numbers, want ", count));
}

Result<std::vector<int64_t>> Query::Ids(std::string_view name, size_t count_max) const {
  std::vector<int64_t> ids;
  const std::string* value = Find(name);
  if (value == nullptr) return ids;
  for (std::string_view part : Split(*value, ',')) {
    ASSIGN_OR_RETURN(const int64_t id, ParseInteger(ParameterName(name), part, {1, INT64_MAX}));
    ids.push_back(id);
  }
  if (ids.size() > count_max) {
    return InvalidArgument(
        StrCat(ParameterName(name), ": got ", ids.size(), " ids, want at most ", count_max));
  }
  return ids;
}

}  // namespace spirogram::web
