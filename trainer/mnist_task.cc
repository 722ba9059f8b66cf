#include "trainer/mnist_task.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/str.h"
#include "trainer/session.h"

namespace spirogram::trainer {
namespace {

// Of the test set, in its order: enough for every digit to have its place on a map.
constexpr size_t kMapDigitsMax = 2'000;
// Of a picture of digits, each way.
constexpr size_t kTiles = 12;
constexpr size_t kTileSide = 28;
static_assert(kTileSide * kTileSide == kMnistPixels);

size_t MapDigits(const Mnist& data) {
  return std::min(kMapDigitsMax, data.test.size());
}

// Grey levels of the samples side by side, line after line; black where there are fewer than tiles.
std::vector<uint8_t> DrawTiles(const Digits& digits, const std::vector<size_t>& samples) {
  std::vector<uint8_t> picture(kTiles * kTiles * kMnistPixels);
  for (size_t tile = 0; tile < samples.size(); ++tile) {
    const float* pixels = digits.pixels.data() + samples[tile] * kMnistPixels;
    const size_t left = tile % kTiles * kTileSide;
    const size_t top = tile / kTiles * kTileSide;
    for (size_t i = 0; i < size_t{kMnistPixels}; ++i) {
      const size_t x = left + i % kTileSide;
      const size_t y = top + i / kTileSide;
      picture[y * kTiles * kTileSide + x] = static_cast<uint8_t>(std::lround(pixels[i] * 255));
    }
  }
  return picture;
}

}  // namespace

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
      labels_(backend, static_cast<size_t>(options.train.batch)),
      map_labels_{{"digit"}, {{}}} {
  for (size_t i = 0; i < MapDigits(data); ++i) {
    map_labels_.values[0].push_back(StrCat(data.test.labels[i]));
  }
}

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
  for (size_t done = 0; done < test.size(); done += static_cast<size_t>(batch_)) {
    LoadTest(done, test.size() - done);
    Forward();
    const BatchScores::Means means = Scores();
    loss += means.loss * batch_;
    correct += means.accuracy * batch_;
  }
  const auto samples = static_cast<double>(test.size());
  return {{"loss/validation", loss / samples}, {"accuracy/validation", correct / samples}};
}

void MnistTask::LogSamples(logger::Logger& logger, Step step) {
  const std::vector<DenseLayer*> layers = mlp_.layers();
  if (layers.size() < 2) return;  // the output alone
  const DenseLayer& layer = *layers[layers.size() - 2];
  const size_t digits = MapDigits(data_);
  const auto units = static_cast<size_t>(layer.units());
  std::vector<float> values(digits * units);
  std::vector<float> correct(static_cast<size_t>(batch_max_));
  std::vector<size_t> misread;
  for (size_t done = 0; done < digits; done += static_cast<size_t>(batch_)) {
    LoadTest(done, digits - done);
    Forward();
    const auto count = static_cast<size_t>(batch_);
    backend_.Download(values.data() + done * units, layer.output().data,
                      count * units * sizeof(float));
    backend_.Download(correct.data(), scores_.correct(), count * sizeof(float));
    for (size_t i = 0; i < count && misread.size() < kTiles * kTiles; ++i) {
      if (correct[i] == 0) misread.push_back(done + i);
    }
  }
  logger.Embedding(StrCat("layers/", layer.name(), "/test_digits"), step, values,
                   static_cast<int64_t>(digits), layer.units(), &map_labels_);
  constexpr int kSide = static_cast<int>(kTiles * kTileSide);
  logger.Image("samples/misread_digits", step, DrawTiles(data_.test, misread), kSide, kSide, 1);
}

void MnistTask::LoadTest(size_t first, size_t count) {
  const Digits& test = data_.test;
  count = std::min(static_cast<size_t>(batch_max_), count);
  pixels_.Upload(std::span(test.pixels).subspan(first * kMnistPixels, count * kMnistPixels));
  labels_.Upload(std::span(test.labels).subspan(first, count));
  batch_ = static_cast<int>(count);
}

namespace {

Hparams HparamsOf(const MnistOptions& options) {
  Hparams hparams = CommonHparams(options.train);
  hparams.emplace_back("model", std::string("mnist_mlp"));
  hparams.emplace_back("hidden", JoinUnits(options.hidden));
  return hparams;
}

Result<TrainSummary> TrainOn(const Mnist& data, const MnistOptions& options, logger::Logger& logger,
                             const TrainObserver& observer, const std::stop_token& stop) {
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
                                const std::stop_token& stop) {
  return RunSession(logger, HparamsOf(options),
                    [&] { return TrainOn(data, options, logger, observer, stop); });
}

Result<TrainSummary> TrainMnist(const MnistOptions& options, logger::Logger& logger,
                                const TrainObserver& observer, const std::stop_token& stop) {
  return RunSession(logger, HparamsOf(options), [&]() -> Result<TrainSummary> {
    ASSIGN_OR_RETURN(const Mnist data, ReadMnist(options.data_dir));
    return TrainOn(data, options, logger, observer, stop);
  });
}

}  // namespace spirogram::trainer
