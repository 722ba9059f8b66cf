#include "web/tensorboard/parameters.h"

#include <algorithm>
#include <optional>

#include "base/str.h"
#include "web/message.h"
#include "web/query.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

Error TooMany() {
  return InvalidArgument(StrCat("more than ", Parameters::kCountMax, " parameters"));
}

// The value of `name` in "form-data; name=\"tag\"", quotes removed. Browsers escape quotes within
// as %22, so the next quote ends it.
std::optional<std::string_view> Attribute(std::string_view header, std::string_view name) {
  for (std::string_view part : Split(header, ';')) {
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (part.size() <= name.size() || part[name.size()] != '=') continue;
    if (!EqualsIgnoreCase(part.substr(0, name.size()), name)) continue;
    std::string_view value = part.substr(name.size() + 1);
    if (!value.empty() && value.front() == '"') {
      value.remove_prefix(1);
      return value.substr(0, value.find('"'));
    }
    return value;
  }
  return std::nullopt;
}

// The name that a part's head gives it.
Result<std::string_view> PartName(std::string_view head) {
  for (size_t begin = 0; begin < head.size();) {
    const size_t end = std::min(head.find(kLineEnd, begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    begin = end + kLineEnd.size();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!EqualsIgnoreCase(line.substr(0, colon), "Content-Disposition")) continue;
    if (Attribute(line.substr(colon + 1), "filename")) {
      return InvalidArgument("form: a file, want fields alone");
    }
    if (const auto name = Attribute(line.substr(colon + 1), "name")) return *name;
  }
  return InvalidArgument("form: a part without a name");
}

Result<std::string> Decode(std::string_view what, std::string_view text) {
  auto decoded = PercentDecode(text, PlusSign::kSpace);
  if (!decoded.ok()) return InvalidArgument(StrCat(Excerpt(what), ": ", decoded.error().message));
  return decoded;
}

}  // namespace

Result<Parameters> Parameters::Parse(std::string_view text) {
  Parameters parsed;
  for (std::string_view part : Split(text, '&')) {
    if (part.empty()) continue;
    if (parsed.parameters_.size() == kCountMax) return TooMany();
    const size_t equals = part.find('=');
    ASSIGN_OR_RETURN(std::string name, Decode("parameter name", part.substr(0, equals)));
    std::string value;
    if (equals != std::string_view::npos) {
      ASSIGN_OR_RETURN(value, Decode(name, part.substr(equals + 1)));
    }
    parsed.parameters_.emplace_back(std::move(name), std::move(value));
  }
  return parsed;
}

Result<Parameters> Parameters::ParseMultipart(std::string_view content_type,
                                              std::string_view body) {
  const auto boundary = Attribute(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) {  // RFC 2046 5.1.1
    return InvalidArgument("form: no boundary, want one of 1 to 70 characters");
  }
  const std::string opening = StrCat("--", *boundary);
  const std::string delimiter = StrCat(kLineEnd, opening);
  if (body.substr(0, opening.size()) != opening) {
    return InvalidArgument("form: the body does not begin with its boundary");
  }
  body.remove_prefix(opening.size());
  Parameters parsed;
  while (body.substr(0, 2) != "--") {
    if (parsed.parameters_.size() == kCountMax) return TooMany();
    const size_t head_end = body.find("\r\n\r\n");
    const size_t end = body.find(delimiter);
    if (head_end == std::string_view::npos || end == std::string_view::npos || end < head_end) {
      return InvalidArgument("form: a part without an end");
    }
    ASSIGN_OR_RETURN(const std::string_view name, PartName(body.substr(0, head_end)));
    const size_t begin = std::min(head_end + 4, end);
    const std::string_view value = body.substr(begin, end - begin);
    if (ToValidUtf8(value) != value) return InvalidArgument("form: the bytes are not UTF-8");
    parsed.parameters_.emplace_back(name, value);
    body.remove_prefix(end + delimiter.size());
  }
  return parsed;
}

const std::string* Parameters::Find(std::string_view name) const {
  for (const auto& parameter : parameters_) {
    if (parameter.first == name) return &parameter.second;
  }
  return nullptr;
}

std::vector<std::string> Parameters::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& parameter : parameters_) {
    if (parameter.first == name) values.push_back(parameter.second);
  }
  return values;
}

}  // namespace spirogram::web::tensorboard
