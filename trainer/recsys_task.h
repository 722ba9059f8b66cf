// Click prediction with a Wide & Deep model on a generated click log, as a Task.
#pragma once

#include <map>
#include <string>

#include "trainer/batches.h"
#include "trainer/click_log.h"
#include "trainer/task.h"
#include "trainer/train_options.h"
#include "trainer/wide_deep.h"

namespace spirogram::trainer {

// The backend and the log must outlive it.
class RecsysTask final : public Task {
 public:
  // REQUIRES: CheckTrainOptions succeeded.
  RecsysTask(Backend& backend, const RecsysOptions& options, const ClickLog& log);

  Model& model() override { return model_; }
  size_t train_samples() const override { return log_.train_count; }
  void LoadBatch() override;
  void Forward() override;
  void Backward() override { model_.Backward(); }
  BatchScores::Means Scores() const override { return scores_.Read(batch_); }
  Metrics Validate() override;
  const logger::EmbeddingMetadata* Metadata(const std::string& table) const override;

 private:
  void Append(size_t impression);
  void ClearHostBatch();
  void UploadLabels();

  Backend& backend_;
  const ClickLog& log_;
  const int batch_max_;
  const int categories_;
  ShuffledBatches batches_;
  WideDeep model_;
  BatchScores scores_;
  int batch_ = 0;
  ClickBatch host_;
  Matrix logits_;
  Buffer<float> labels_;
  std::map<std::string, logger::EmbeddingMetadata> metadata_;
};

}  // namespace spirogram::trainer
