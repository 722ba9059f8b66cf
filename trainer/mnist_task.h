// MNIST with a multilayer perceptron, as a Task.
#pragma once

#include "trainer/batches.h"
#include "trainer/mlp.h"
#include "trainer/mnist.h"
#include "trainer/task.h"
#include "trainer/train_options.h"

namespace spirogram::trainer {

// The backend and the data must outlive it.
class MnistTask final : public Task {
 public:
  // REQUIRES: CheckTrainOptions succeeded.
  MnistTask(Backend& backend, const MnistOptions& options, const Mnist& data);

  Model& model() override { return mlp_; }
  size_t train_samples() const override { return data_.train.size(); }
  void LoadBatch() override;
  void Forward() override;
  void Backward() override { mlp_.Backward(nullptr); }
  BatchScores::Means Scores() const override { return scores_.Read(batch_); }
  Metrics Validate() override;
  // "layers/LAYER/test_digits": the last hidden layer's activations for the first of the test set,
  // and "samples/misread_digits": a picture of those among them that got a wrong answer.
  void LogSamples(logger::Logger& logger, Step step) override;
  const logger::EmbeddingMetadata* Metadata(const std::string&) const override { return nullptr; }

 private:
  // Uploads test digits [first, first + count), as many of them as there are and a batch holds.
  void LoadTest(size_t first, size_t count);

  Backend& backend_;
  const Mnist& data_;
  const int batch_max_;
  ShuffledBatches batches_;
  Mlp mlp_;
  BatchScores scores_;
  int batch_ = 0;
  std::vector<float> host_pixels_;
  std::vector<int32_t> host_labels_;
  Tensor pixels_;
  Ids labels_;
  logger::EmbeddingMetadata map_labels_;
};

}  // namespace spirogram::trainer
