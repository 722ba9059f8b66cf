// Shared by the json*.cc files of projections alone.
#pragma once

#include <string>
#include <vector>

#include "web/json_internal.h"
#include "web/projection.h"

namespace spirogram::web {

// `[{"from":"0-4","to":null},...]`, see docs/api.md; errors name the axis and its side.
Result<std::vector<ProjectionAxis>> ReadAxes(const std::string& name, const Json& value);
// The sizes of the groups, null for all rows; null without axes.
Json AxesJson(const ProjectionRequest& request);

}  // namespace spirogram::web
