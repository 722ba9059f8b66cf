#include "trainer/optimizer.h"

#include <cmath>

namespace spirogram::trainer {

const char* OptimizerName(OptimizerKind kind) {
  return kind == OptimizerKind::kAdam ? "adam" : "sgd";
}

void Optimizer::Update(DenseLayer& layer, double learning_rate) {
  for (const Parameter* parameter : {&layer.weight, &layer.bias}) {
    if (kind_ == OptimizerKind::kAdam) {
      backend_.AdamUpdate(parameter->View(), Rates(learning_rate));
    } else {
      backend_.SgdUpdate(parameter->View(), static_cast<float>(learning_rate));
    }
  }
}

void Optimizer::Update(EmbeddingTable& table, double learning_rate) {
  if (kind_ == OptimizerKind::kAdam) {
    backend_.AdamUpdateRows(table.View(), Rates(learning_rate));
  } else {
    backend_.SgdUpdateRows(table.View(), static_cast<float>(learning_rate));
  }
}

AdamRates Optimizer::Rates(double learning_rate) const {
  AdamRates rates;
  const auto step = static_cast<double>(steps_);
  rates.rate = static_cast<float>(learning_rate);
  rates.correction1 = static_cast<float>(1 - std::pow(static_cast<double>(rates.beta1), step));
  rates.correction2 = static_cast<float>(1 - std::pow(static_cast<double>(rates.beta2), step));
  return rates;
}

}  // namespace spirogram::trainer
