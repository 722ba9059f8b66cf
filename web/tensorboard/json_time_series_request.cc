#include "base/str.h"
#include "web/json_internal.h"
#include "web/tensorboard/time_series_request.h"

namespace spirogram::web::tensorboard {
namespace {

std::optional<std::string> Text(const Json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) return std::nullopt;
  return field->get<std::string>();
}

// Lists and objects are not repeated: they may be nested deeper than a stack is.
std::string Repeated(const Json& object, const char* name) {
  const auto field = object.find(name);
  return field == object.end() || field->is_structured() ? "null" : Dump(*field);
}

TimeSeriesRequest ToRequest(const Json& object) {
  TimeSeriesRequest request{.plugin_json = Repeated(object, "plugin"),
                            .tag_json = Repeated(object, "tag"),
                            .tag = Text(object, "tag"),
                            .plugin = Text(object, "plugin"),
                            .run = Text(object, "run"),
                            .sample = {}};
  const auto sample = object.find("sample");
  if (sample != object.end() && sample->is_number_integer()) {
    request.sample = sample->get<int64_t>();
  }
  return request;
}

}  // namespace

Result<std::vector<TimeSeriesRequest>> ParseTimeSeriesRequests(std::string_view text) {
  const Json json = ParseJson(text);
  if (json.is_discarded()) return InvalidArgument("Unable to parse 'requests' as JSON");
  if (!json.is_array()) return InvalidArgument("'requests' is not a list");
  if (json.size() > kTimeSeriesRequestsMax) {
    return InvalidArgument(
        StrCat("'requests': got ", json.size(), ", want at most ", kTimeSeriesRequestsMax));
  }
  std::vector<TimeSeriesRequest> requests;
  for (const Json& object : json) {
    if (!object.is_object()) return InvalidArgument("'requests' holds what is not an object");
    requests.push_back(ToRequest(object));
  }
  return requests;
}

}  // namespace spirogram::web::tensorboard
