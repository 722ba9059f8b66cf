// The `requests` parameter of /data/plugin/timeseries/timeSeries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::web::tensorboard {

// One series that is asked for. `plugin` and `tag` are JSON, because the answer repeats them as
// they came; null for what is neither a text nor a number.
struct TimeSeriesRequest {
  std::string plugin_json;
  std::string tag_json;
  std::optional<std::string> tag;     // where it is a text
  std::optional<std::string> plugin;  // where it is a text
  std::optional<std::string> run;
  std::optional<int64_t> sample;
};

inline constexpr size_t kTimeSeriesRequestsMax = 1000;

// kInvalidArgument when `json` is not a list of at most kTimeSeriesRequestsMax objects.
Result<std::vector<TimeSeriesRequest>> ParseTimeSeriesRequests(std::string_view json);

}  // namespace spirogram::web::tensorboard
