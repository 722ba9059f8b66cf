// SGD and Adam over layers and embedding tables.
#pragma once

#include <cstdint>

#include "trainer/backend.h"
#include "trainer/layers.h"

namespace spirogram::trainer {

enum class OptimizerKind { kSgd, kAdam };
const char* OptimizerName(OptimizerKind kind);  // "sgd", "adam"

class Optimizer {
 public:
  Optimizer(Backend& backend, OptimizerKind kind) : backend_(backend), kind_(kind) {}

  // Once per step, before the updates: Adam's bias correction counts steps.
  void BeginStep() { ++steps_; }
  void Update(DenseLayer& layer, double learning_rate);
  void Update(EmbeddingTable& table, double learning_rate);

 private:
  AdamRates Rates(double learning_rate) const;

  Backend& backend_;
  const OptimizerKind kind_;
  int64_t steps_ = 0;
};

}  // namespace spirogram::trainer
