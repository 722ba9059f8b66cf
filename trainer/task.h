// A model together with its data: what the training loop drives. mnist_task.cc and recsys_task.cc
// hold the two that exist.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/types.h"
#include "logger/logger.h"
#include "trainer/model.h"
#include "trainer/tensor.h"

namespace spirogram::trainer {

// Loss and right answers of the samples of a batch, on the backend.
class BatchScores {
 public:
  struct Means {
    double loss = 0;
    double accuracy = 0;
  };

  BatchScores(Backend& backend, int batch_max)
      : backend_(backend),
        loss_(backend, static_cast<size_t>(batch_max)),
        correct_(backend, static_cast<size_t>(batch_max)),
        sums_(backend, 2) {}

  float* loss() const { return loss_.data(); }
  float* correct() const { return correct_.data(); }

  // Of the first `samples`; waits for the backend.
  Means Read(int samples) const {
    const auto count = static_cast<size_t>(samples);
    backend_.Sum(loss_.data(), count, sums_.data());
    backend_.Sum(correct_.data(), count, sums_.data() + 1);
    const std::vector<float> sums = sums_.Download();
    return {sums[0] / static_cast<double>(samples), sums[1] / static_cast<double>(samples)};
  }

 private:
  Backend& backend_;
  Buffer<float> loss_;
  Buffer<float> correct_;
  Buffer<float> sums_;
};

class Task {
 public:
  using Metrics = std::vector<std::pair<std::string, double>>;  // by tag

  virtual ~Task() = default;
  virtual Model& model() = 0;
  virtual size_t train_samples() const = 0;

  // One training step, in this order. Forward includes the loss and its gradient.
  virtual void LoadBatch() = 0;
  virtual void Forward() = 0;
  virtual void Backward() = 0;
  // Of the last Forward.
  virtual BatchScores::Means Scores() const = 0;

  // On the validation set. Overwrites activations, not parameters.
  virtual Metrics Validate() = 0;

  // Logs what the model makes of some samples, for a map of them. Overwrites activations, not
  // parameters.
  virtual void LogSamples(logger::Logger&, Step) {}

  // Metadata of the rows of a table; null where it has none. Lives as long as the task.
  virtual const logger::EmbeddingMetadata* Metadata(const std::string& table) const = 0;
};

}  // namespace spirogram::trainer
