// Watches a model while it trains and logs what docs/formats.md lists for layers and embeddings.
// Sums for the windows grow on the backend with every step; only what is due is brought to the
// host.
#pragma once

#include <deque>
#include <vector>

#include "logger/logger.h"
#include "trainer/task.h"
#include "trainer/train_options.h"
#include "trainer/watches.h"

namespace spirogram::trainer {

// Everything passed must outlive it. Not thread-safe.
class Instrumentation {
 public:
  Instrumentation(Backend& backend, logger::Logger& logger, Task& task,
                  const TrainOptions& options);

  // What the model is made of, and its state before the first step: embeddings at step 0.
  void Start();
  // After the optimizer, while activations, gradients and updates of the step are there.
  void AfterStep(Step step);
  // After the last step: its embeddings, and windows that a short run did not fill.
  void Finish(Step last_step);

 private:
  void LogUnits(Step step);
  void LogRows(Step step);
  void LogEmbeddings(Step step);

  Backend& backend_;
  logger::Logger& logger_;
  Task& task_;
  LogIntervals intervals_;
  const int batch_;
  std::deque<LayerWatch> layers_;
  std::vector<TableWatch> tables_;
  std::vector<EmbeddingTable*> wide_tables_;
  Buffer<float> wide_squares_;
  Step units_logged_ = 0;  // last step of the last window
  Step rows_logged_ = 0;
  Step embeddings_logged_ = 0;
};

}  // namespace spirogram::trainer
