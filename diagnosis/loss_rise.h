// Why a training loss rose, from what else the run logged. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"
#include "diagnosis/context.h"

namespace spirogram::diagnosis {

struct LossExplanation {
  std::string cause;
  std::string advice;
};

// Of a loss that rose at the step `since`, after `points_before` points.
LossExplanation ExplainRise(const Context& context, Step since, int64_t points_before);

}  // namespace spirogram::diagnosis
