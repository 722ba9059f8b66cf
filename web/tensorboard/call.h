// What a handler of TensorBoard's routes gets and gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "web/context.h"
#include "web/message.h"
#include "web/tensorboard/parameters.h"

namespace spirogram::web::tensorboard {

struct Call {
  const Request& request;
  Parameters query;
  Parameters form;         // of a POST with a form; empty otherwise
  std::string experiment;  // decoded; empty without one
  Context& context;

  store::Store& store() const { return context.store; }
};

// Runs on a worker and may block for the disk. An Error becomes TensorBoard's text: kNotFound is
// 404 "Not found: ...", kInvalidArgument is 400 "Invalid argument: ...".
using Handler = Result<Response> (*)(const Call&);

struct Route {
  std::string_view path;  // below "/data/"
  Handler handler;
  bool takes_get = true;
  bool takes_post = false;
};

// Every route, by plugin.
const std::vector<Route>& Routes();

// The answer to a request for such a path. Never throws.
Response Dispatch(const Request& request, Context& context) noexcept;

// What one answer holds at most; more is kExhausted, which names it.
inline constexpr size_t kAnswerBytesMax = size_t{1} << 30;
inline constexpr int64_t kPointsPerSeriesMax = 20'000'000;
Status CheckAnswerSize(size_t bytes);

}  // namespace spirogram::web::tensorboard
