// A Keras model's configuration as a GraphDef, one node a layer: what TensorBoard calls the
// conceptual graph. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::web::tensorboard {

// `model` is the JSON of model.to_json(): Sequential or Functional, models within models. The
// answer is a serialized GraphDef. kCorruption when it is no such JSON; models nested deeper than
// 32 levels are kExhausted.
Result<std::string> KerasGraph(std::string_view model);

}  // namespace spirogram::web::tensorboard
