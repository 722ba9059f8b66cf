// From method and path to handler. The API is a table: 404, 405 with Allow, OPTIONS and the check
// of query parameters follow from it and cannot be forgotten by a handler.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "web/context.h"
#include "web/message.h"
#include "web/query.h"

namespace spirogram::web {

// One request on its way into a handler.
struct Call {
  const Request& request;
  const Query& query;
  std::string path_parameter;  // decoded; empty for patterns without one
  Context& context;

  // The path parameter as an id of at least 1.
  Result<int64_t> PathId() const;
};

// Runs on a worker, may block for the disk, must not keep references beyond its return.
using Handler = Result<Response> (*)(const Call&);

struct Route {
  std::string_view method;   // "GET" serves HEAD too
  std::string_view pattern;  // "/api/v1/runs/{run}": at most one parameter, a whole part
  std::vector<std::string_view> query_parameters;
  Handler handler;
};

// Every route of the API; docs/openapi.json describes the same.
std::span<const Route> Routes();

// 405, or what OPTIONS is told, where the path is one of `routes` and none serves the method.
std::optional<Response> AnswerOtherMethod(std::span<const Route> routes, const Request& request);

// Never throws: what a handler throws becomes a 500 without internal text.
Response Dispatch(std::span<const Route> routes, const Request& request, Context& context) noexcept;

}  // namespace spirogram::web
