#include "trainer/mnist_task.h"

#include <algorithm>

#include "base/str.h"
#include "trainer/session.h"

namespace spirogram::trainer {

MnistTask::MnistTask(Backend& backend, const MnistOptions& options, const Mnist& data)
    : backend_(backend),
      data_(data),
      batch_max_(options.train.batch),
      batches_(data.train.size(), static_cast<size_t>(options.train.batch), options.train.seed),
      mlp_(backend, {.inputs = kMnistPixels,
                     .hidden = options.hidden,
                     .outputs = kMnistClasses,
                     .batch_max = options.train.batch,
                     .seed = options.train.seed}),
      scores_(backend, options.train.batch),
      pixels_(backend, options.train.batch, kMnistPixels),
      labels_(backend, static_cast<size_t>(options.train.batch)) {}

void MnistTask::LoadBatch() {
  host_pixels_.clear();
  host_labels_.clear();
  for (const uint32_t sample : batches_.Next()) {
    const float* pixels = data_.train.pixels.data() + size_t{sample} * kMnistPixels;
    host_pixels_.insert(host_pixels_.end(), pixels, pixels + kMnistPixels);
    host_labels_.push_back(data_.train.labels[sample]);
  }
  batch_ = static_cast<int>(host_labels_.size());
  pixels_.Upload(host_pixels_);
  labels_.Upload(host_labels_);
}

void MnistTask::Forward() {
  const Matrix logits = mlp_.Forward(pixels_.Rows(batch_));
  backend_.SoftmaxCrossEntropy(logits, labels_.data(), mlp_.output_gradient(), scores_.loss(),
                               scores_.correct());
}

Task::Metrics MnistTask::Validate() {
  const Digits& test = data_.test;
  double loss = 0;
  double correct = 0;
  for (size_t first = 0; first < test.size(); first += static_cast<size_t>(batch_max_)) {
    const size_t count = std::min(static_cast<size_t>(batch_max_), test.size() - first);
    pixels_.Upload(std::span(test.pixels).subspan(first * kMnistPixels, count * kMnistPixels));
    labels_.Upload(std::span(test.labels).subspan(first, count));
    batch_ = static_cast<int>(count);
    Forward();
    const BatchScores::Means means = Scores();
    loss += means.loss * static_cast<double>(count);
    correct += means.accuracy * static_cast<double>(count);
  }
  const auto samples = static_cast<double>(test.size());
  return {{"loss/validation", loss / samples}, {"accuracy/validation", correct / samples}};
}

namespace {

Hparams HparamsOf(const MnistOptions& options) {
  Hparams hparams = CommonHparams(options.train);
  hparams.emplace_back("model", std::string("mnist_mlp"));
  hparams.emplace_back("hidden", JoinUnits(options.hidden));
  return hparams;
}

Result<TrainSummary> TrainOn(const Mnist& data, const MnistOptions& options, logger::Logger& logger,
                             const TrainObserver& observer, std::stop_token stop) {
  RETURN_IF_ERROR(CheckTrainOptions(options.train, data.train.size()));
  RETURN_IF_ERROR(CheckUnits(options.hidden));
  ASSIGN_OR_RETURN(OpenedBackend device, OpenForTraining(options.train, logger, observer));
  MnistTask task(*device.backend, options, data);
  return Train(options.train, task, device, logger, observer, stop);
}

}  // namespace

Result<Mnist> PrepareMnist(const MnistOptions& options) {
  ASSIGN_OR_RETURN(Mnist data, ReadMnist(options.data_dir));
  RETURN_IF_ERROR(CheckTrainOptions(options.train, data.train.size()));
  RETURN_IF_ERROR(CheckUnits(options.hidden));
  RETURN_IF_ERROR(CheckDevice(options.train.device));
  return data;
}

Result<TrainSummary> TrainMnist(const MnistOptions& options, const Mnist& data,
                                logger::Logger& logger, const TrainObserver& observer,
                                std::stop_token stop) {
  return RunSession(logger, HparamsOf(options),
                    [&] { return TrainOn(data, options, logger, observer, stop); });
}

Result<TrainSummary> TrainMnist(const MnistOptions& options, logger::Logger& logger,
                                const TrainObserver& observer, std::stop_token stop) {
  return RunSession(logger, HparamsOf(options), [&]() -> Result<TrainSummary> {
    ASSIGN_OR_RETURN(const Mnist data, ReadMnist(options.data_dir));
    return TrainOn(data, options, logger, observer, stop);
  });
}

}  // namespace spirogram::trainer
