#include "web/etag.h"

#include <utility>

#include "base/crc32c.h"
#include "base/str.h"

namespace spirogram::web {

bool MatchesEtag(std::string_view if_none_match, std::string_view etag) {
  for (std::string_view tag : Split(if_none_match, ',')) {
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

Response MediaResponse(const Request& request, std::string_view content_type, std::string bytes) {
  const std::string etag = StrCat("\"", Hex32(Crc32c(bytes)).substr(2), "-", bytes.size(), "\"");
  Response response;
  response.Set("ETag", etag);
  response.Set("Cache-Control", "private, no-cache");
  if (MatchesEtag(request.Get("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  response.Set("Content-Type", content_type);
  response.body = std::move(bytes);
  return response;
}

}  // namespace spirogram::web
