// Values of hyperparameters as text and JSON. Pure.
#pragma once

#include <string>

#include "store/answers.h"
#include "web/tensorboard/json_writer.h"

namespace spirogram::web::tensorboard {

// As protobuf's JSON shows it, texts without quotes: "adam", "0.1", "true".
std::string HparamText(const store::HparamValue& value);

void WriteHparam(const store::HparamValue& value, JsonWriter* json);

}  // namespace spirogram::web::tensorboard
