// From a request to its handler, and from an Error to TensorBoard's plain text.
#include <algorithm>
#include <exception>

#include "base/log.h"
#include "base/str.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/security.h"
#include "web/tensorboard/call.h"
#include "web/tensorboard/path.h"

namespace spirogram::web::tensorboard {
namespace {

Response ErrorText(const Error& error, std::string_view request_id) {
  const int status = HttpStatus(error.code);
  if (status == 404) return TextResponse(404, StrCat("Not found: ", error.message));
  if (status == 400) return TextResponse(400, StrCat("Invalid argument: ", error.message));
  if (status != 500) return TextResponse(status, error.message);
  LogError(StrCat("request ", request_id, ": ", error.ToString()));
  return TextResponse(500, StrCat("Internal error; the server's log says more under ", request_id));
}

Response MethodAnswer(const Request& request, const Route& route) {
  std::string allow = route.takes_get ? "GET, HEAD, " : "";
  allow.append(route.takes_post ? "POST, OPTIONS" : "OPTIONS");
  Response response = request.method == "OPTIONS"
                          ? Response{.status = 204, .headers = {}, .body = {}}
                          : TextResponse(405, StrCat("Method not allowed: want one of ", allow));
  response.Set("Allow", allow);
  return response;
}

Result<Parameters> ParseForm(const Request& request) {
  if (request.method != "POST") return Parameters();
  const std::string_view type = MediaType(request);
  if (EqualsIgnoreCase(type, "application/x-www-form-urlencoded")) {
    return Parameters::Parse(request.body);
  }
  if (EqualsIgnoreCase(type, "multipart/form-data")) {
    return Parameters::ParseMultipart(request.Get("Content-Type"), request.body);
  }
  return Parameters();
}

Result<Response> Run(const Route& route, const Path& path, const Request& request,
                     Context& context) {
  ASSIGN_OR_RETURN(std::string experiment, PercentDecode(path.experiment, PlusSign::kLiteral));
  ASSIGN_OR_RETURN(Parameters query, Parameters::Parse(request.query()));
  ASSIGN_OR_RETURN(Parameters form, ParseForm(request));
  return route.handler(
      Call{request, std::move(query), std::move(form), std::move(experiment), context});
}

Response DispatchOrThrow(const Request& request, Context& context) {
  const std::optional<Path> path = ParsePath(request.path());
  const auto& routes = Routes();
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const Route& candidate) {
    return path && candidate.path == path->route;
  });
  if (route == routes.end()) return TextResponse(404, "Not found");
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  const bool is_taken = is_get ? route->takes_get : route->takes_post && request.method == "POST";
  if (!is_taken) return MethodAnswer(request, *route);
  auto response = Run(*route, *path, request, context);
  return response.ok() ? *std::move(response) : ErrorText(response.error(), request.id);
}

}  // namespace

Response Dispatch(const Request& request, Context& context) noexcept {
  try {
    return DispatchOrThrow(request, context);
  } catch (const std::exception& exception) {
    return ErrorText(Internal(StrCat("a handler threw: ", exception.what())), request.id);
  } catch (...) {
    return ErrorText(Internal("a handler threw something unknown"), request.id);
  }
}

Status CheckAnswerSize(size_t bytes) {
  if (bytes <= kAnswerBytesMax) return {};
  return Exhausted(StrCat("the answer would exceed ", kAnswerBytesMax, " bytes: ask for less"));
}

}  // namespace spirogram::web::tensorboard
