#include "web/path_prefix.h"

#include <algorithm>

#include "base/str.h"

namespace spirogram::web {
namespace {

constexpr size_t kBytesMax = 256;

// RFC 3986 2.3. Nothing else, so that no proxy can spell the same path in another way.
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool IsGoodPart(std::string_view part) {
  return !part.empty() && part != "." && part != ".." &&
         std::all_of(part.begin(), part.end(), IsUnreserved);
}

}  // namespace

Result<PathPrefix> PathPrefix::Parse(std::string_view text) {
  PathPrefix prefix;
  std::string_view path = text;
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return prefix;
  const auto parts = Split(path, '/');  // the first stands before the first slash
  const bool is_good = path.size() <= kBytesMax && parts.size() > 1 && parts[0].empty() &&
                       std::all_of(parts.begin() + 1, parts.end(), IsGoodPart);
  if (!is_good) {
    return InvalidArgument(StrCat("--path-prefix: got ", Quoted(text),
                                  ", want a path as /team/spirogram, of letters, digits and "
                                  "-._~ between single slashes, at most ",
                                  kBytesMax, " bytes"));
  }
  prefix.text_ = path;
  return prefix;
}

PathPrefix::Place PathPrefix::Enter(std::string* target) const {
  if (text_.empty()) return Place::kBelow;
  if (!target->starts_with(text_)) return Place::kOutside;
  const std::string_view rest = std::string_view(*target).substr(text_.size());
  if (rest.empty() || rest[0] == '?') return Place::kAt;
  if (rest[0] != '/') return Place::kOutside;
  target->erase(0, text_.size());
  return Place::kBelow;
}

}  // namespace spirogram::web
