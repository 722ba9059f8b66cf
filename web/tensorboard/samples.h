// What plugins share whose steps hold several samples (images, clips).
#pragma once

#include <string_view>

#include "base/result.h"
#include "web/tensorboard/call.h"

namespace spirogram::web::tensorboard {

// {run: {tag: {"displayName", "description", "samples"}}}: samples of the step that has most.
Result<Response> SampledTagIndex(const Call& call, std::string_view plugin);

// "sample": 0 without one. kInvalidArgument for what is not a number.
Result<int64_t> SampleParameter(const Call& call);

}  // namespace spirogram::web::tensorboard
