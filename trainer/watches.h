// What instrumentation.h keeps of one layer or one table: sums over the current window on the
// backend, and how they are logged. Not thread-safe.
#pragma once

#include <string>

#include "base/types.h"
#include "logger/logger.h"
#include "trainer/layers.h"

namespace spirogram::trainer {

// The steps over which statistics are summed: first_step up to the step they are logged at.
struct Window {
  Step first_step = 0;
  double samples = 0;
};

class LayerWatch {
 public:
  LayerWatch(Backend& backend, logger::Logger& logger, DenseLayer& layer);
  ~LayerWatch() { layer_.Watch({}); }
  LayerWatch(const LayerWatch&) = delete;
  LayerWatch& operator=(const LayerWatch&) = delete;

  // From now on every step adds its batch to the window.
  void WatchUnits();
  // Gradient and weight norms and the update ratio of the last step.
  void LogNorms(Step step);
  // The window's unit statistics, zero and dead fraction; begins a new window.
  void LogUnits(Step step, const Window& window);
  void LogHistograms(Step step);

 private:
  Backend& backend_;
  logger::Logger& logger_;
  DenseLayer& layer_;
  const std::string prefix_;  // "layers/hidden_1/"
  Tensor totals_;             // [3, O]: active_count, abs_activation, abs_gradient
  Buffer<float> squares_;     // of gradient, value, update; weights, then biases
};

class TableWatch {
 public:
  // `metadata` may be null.
  TableWatch(Backend& backend, logger::Logger& logger, EmbeddingTable& table,
             const logger::EmbeddingMetadata* metadata);

  // After each step: adds the batch to the window.
  void Accumulate();
  void LogNorms(Step step);
  void LogRows(Step step, const Window& window);
  void LogHistograms(Step step);
  void LogEmbedding(Step step);

 private:
  Backend& backend_;
  logger::Logger& logger_;
  EmbeddingTable& table_;
  const logger::EmbeddingMetadata* const metadata_;
  const std::string tag_;  // "embeddings/item_embedding"
  Tensor totals_;          // [4, N]: touches, gradient_square, update_norm, row_norm
  Buffer<float> squares_;  // of gradient, value, update
};

// "embeddings/TABLE/gradient_norm" and ".../update_ratio" of the table's last step; `squares` is
// room for three numbers.
void LogTableNorms(Backend& backend, logger::Logger& logger, const EmbeddingTable& table,
                   const Buffer<float>& squares, Step step);

}  // namespace spirogram::trainer
