// What the optimizer and the instrumentation see of every model: its parts, in forward order.
#pragma once

#include <memory>
#include <vector>

#include "trainer/layers.h"

namespace spirogram::trainer {

class Model {
 public:
  virtual ~Model() = default;
  virtual std::vector<DenseLayer*> layers() = 0;
  // Tables whose rows have statistics and a projection of their own.
  virtual std::vector<EmbeddingTable*> tables() = 0;
  // Tables that learn but are too simple to watch row by row (one number per row).
  virtual std::vector<EmbeddingTable*> wide_tables() = 0;
};

}  // namespace spirogram::trainer
