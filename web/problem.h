// Errors on the wire: application/problem+json (RFC 9457). The one place that maps our error codes
// to HTTP statuses.
#pragma once

#include <string_view>

#include "base/result.h"
#include "web/message.h"

namespace spirogram::web {

int HttpStatus(ErrorCode code);

Response ProblemResponse(int status, std::string_view detail, std::string_view request_id);

// Faults of ours (corruption, internal) are logged with the request id and answered without their
// text: what happened inside is no business of the client.
Response ErrorResponse(const Error& error, std::string_view request_id);

}  // namespace spirogram::web
