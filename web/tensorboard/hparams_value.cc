#include "web/tensorboard/hparams_value.h"

#include "web/tensorboard/python_text.h"

namespace spirogram::web::tensorboard {

std::string HparamText(const store::HparamValue& value) {
  switch (value.type) {
    case store::HparamValue::Type::kString:
      return value.text;
    case store::HparamValue::Type::kBool:
      return value.boolean ? "true" : "false";
    case store::HparamValue::Type::kNumber:
      return PythonFloat(value.number);
  }
  return {};
}

void WriteHparam(const store::HparamValue& value, JsonWriter* json) {
  switch (value.type) {
    case store::HparamValue::Type::kString:
      return json->String(value.text);
    case store::HparamValue::Type::kBool:
      return json->Bool(value.boolean);
    case store::HparamValue::Type::kNumber:
      return json->Float(value.number);
  }
}

}  // namespace spirogram::web::tensorboard
