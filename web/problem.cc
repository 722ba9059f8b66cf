#include "web/problem.h"

#include "base/log.h"
#include "base/str.h"
#include "web/json.h"

namespace spirogram::web {

int HttpStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kPermission:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kExhausted:
      return 429;
    case ErrorCode::kCancelled:
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kCorruption:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

Response ProblemResponse(int status, std::string_view detail, std::string_view request_id) {
  Response response;
  response.status = status;
  response.Set("Content-Type", "application/problem+json");
  response.body = ProblemJson(status, ReasonPhrase(status), detail, request_id);
  return response;
}

Response ErrorResponse(const Error& error, std::string_view request_id) {
  const int status = HttpStatus(error.code);
  if (status != 500) return ProblemResponse(status, error.message, request_id);
  LogError(StrCat("request ", request_id, ": ", error.ToString()));
  return ProblemResponse(500, "the server's log says more under this request id", request_id);
}

}  // namespace spirogram::web
