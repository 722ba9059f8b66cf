#include "web/router.h"

#include <algorithm>
#include <exception>
#include <optional>

#include "base/str.h"
#include "web/problem.h"

namespace spirogram::web {
namespace {

// The decoded parameter of a pattern that fits ("" where it has none), or nothing.
std::optional<Result<std::string>> Match(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> wanted = Split(pattern, '/');
  const std::vector<std::string_view> parts = Split(path, '/');
  if (wanted.size() != parts.size()) return std::nullopt;
  std::string_view parameter;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const bool is_parameter = !wanted[i].empty() && wanted[i][0] == '{';
    if (is_parameter && !parts[i].empty()) {
      parameter = parts[i];
    } else if (wanted[i] != parts[i]) {
      return std::nullopt;
    }
  }
  return PercentDecode(parameter, PlusSign::kLiteral);
}

bool Serves(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::string AllowedMethods(const std::vector<const Route*>& matching) {
  std::string allow;
  for (const Route* route : matching) {
    allow.append(allow.empty() ? "" : ", ").append(route->method);
    if (route->method == "GET") allow.append(", HEAD");
  }
  return allow.append(", OPTIONS");
}

Response MethodAnswer(const Request& request, const std::vector<const Route*>& matching) {
  const std::string allow = AllowedMethods(matching);
  Response response;
  if (request.method == "OPTIONS") {
    response.status = 204;
  } else {
    response = ProblemResponse(
        405, StrCat("method ", Excerpt(request.method), ", want one of ", allow), request.id);
  }
  response.Set("Allow", allow);
  return response;
}

Result<Response> Run(const Route& route, const Request& request, std::string path_parameter,
                     Context& context) {
  ASSIGN_OR_RETURN(const Query query, Query::Parse(request.query()));
  RETURN_IF_ERROR(query.AllowOnly(route.query_parameters));
  return route.handler(Call{request, query, std::move(path_parameter), context});
}

// Those whose path is that of the request, whatever their method.
std::vector<const Route*> RoutesOf(std::span<const Route> routes, const Request& request) {
  std::vector<const Route*> matching;
  for (const Route& route : routes) {
    if (Match(route.pattern, request.path())) matching.push_back(&route);
  }
  return matching;
}

Response DispatchOrThrow(std::span<const Route> routes, const Request& request, Context& context) {
  for (const Route& route : routes) {
    if (!Serves(route, request.method)) continue;
    auto parameter = Match(route.pattern, request.path());
    if (!parameter) continue;
    if (!parameter->ok()) return ErrorResponse(parameter->error(), request.id);
    auto response = Run(route, request, std::move(**parameter), context);
    return response.ok() ? std::move(*response) : ErrorResponse(response.error(), request.id);
  }
  const std::vector<const Route*> matching = RoutesOf(routes, request);
  if (matching.empty()) return ProblemResponse(404, "no such path in the API", request.id);
  return MethodAnswer(request, matching);
}

}  // namespace

Result<int64_t> Call::PathId() const {
  return ParseInteger("path parameter", path_parameter, {1, INT64_MAX});
}

std::optional<Response> AnswerOtherMethod(std::span<const Route> routes, const Request& request) {
  const std::vector<const Route*> matching = RoutesOf(routes, request);
  const auto serves = [&](const Route* route) { return Serves(*route, request.method); };
  if (matching.empty() || std::any_of(matching.begin(), matching.end(), serves)) return {};
  return MethodAnswer(request, matching);
}

Response Dispatch(std::span<const Route> routes, const Request& request,
                  Context& context) noexcept {
  try {
    return DispatchOrThrow(routes, request, context);
  } catch (const std::exception& exception) {
    return ErrorResponse(Internal(StrCat("a handler threw: ", exception.what())), request.id);
  } catch (...) {
    return ErrorResponse(Internal("a handler threw something unknown"), request.id);
  }
}

}  // namespace spirogram::web
