// RFC 9110's entity tags: a browser that holds an answer asks whether it still is the answer. Pure.
#pragma once

#include <string>
#include <string_view>

#include "web/message.h"

namespace spirogram::web {

// Whether If-None-Match names the tag. It compares weakly (13.1.2): proxies may have weakened it.
bool MatchesEtag(std::string_view if_none_match, std::string_view etag);

// A value's bytes as they were logged. Kept by the browser, which asks each time: a run that begins
// anew, or another log directory behind the same address, has other bytes under the same URL. 304
// where the client has these.
Response MediaResponse(const Request& request, std::string_view content_type, std::string bytes);

}  // namespace spirogram::web
