// Why a training loss rose, from what else the run logged. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/types.h"
#include "diagnosis/context.h"

namespace spirogram::diagnosis {

struct LossExplanation {
  std::string cause;
  std::string advice;
};

// A loss of held-out data that did not rise along with that of training.
struct HeldOutKept {
  std::string tag;
  double then = 0;
  double now = 0;
};

// What a model has lost it has lost on held-out data as well. Where each loss of these that was
// measured before `since` and at least twice after is no higher now, it was not the model that
// changed, but what it is trained on. Nothing where one has risen, or none was measured so.
std::optional<HeldOutKept> FindHeldOutKept(const Context& context, Step since);

// Of a loss that rose at the step `since`, after `points_before` points.
LossExplanation ExplainRise(const Context& context, Step since, int64_t points_before);

}  // namespace spirogram::diagnosis
