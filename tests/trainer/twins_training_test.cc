// Whole training runs on both twins: the same seed, and all that is logged held against each other
// step by step.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/trainer/recording_logger.h"
#include "tests/trainer/test_backend.h"
#include "trainer/random.h"
#include "trainer/train.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::OpenTestBackend;
using spirogram::testing::RecordingLogger;

// One part in 10,000 of the largest number of its kind. The twins round differently, by about one
// part in 10 million an operation, and training carries that on from step to step: measured are 2
// parts in a million by SGD, up to 10 by Adam, which divides small gradients by small ones. A wrong
// sum, a row left out or a rate mistaken changes far more.
constexpr double kTolerance = 1e-4;
// Of what counts samples: scores that lie next to each other may change places, or sides.
constexpr double kToleranceOfCounts = 1e-2;

void ExpectNear(const std::vector<double>& got, const std::vector<double>& want,
                double tolerance = kTolerance) {
  ASSERT_EQ(got.size(), want.size());
  double scale = 0;
  for (const double value : want) scale = std::max(scale, std::abs(value));
  for (size_t i = 0; i < want.size(); ++i) {
    ASSERT_NEAR(got[i], want[i], tolerance * scale) << "number " << i;
  }
}

std::vector<double> Values(const RecordingLogger::Series& series) {
  std::vector<double> values;
  for (const auto& [step, value] : series) values.push_back(value);
  return values;
}

std::vector<double> Values(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

void ExpectSameLog(const RecordingLogger& got, const RecordingLogger& want) {
  EXPECT_EQ(got.end, logger::EndStatus::kSuccess);
  EXPECT_EQ(got.scalars.size(), want.scalars.size());
  for (const auto& [tag, series] : want.scalars) {
    SCOPED_TRACE(tag);
    if (tag.starts_with("throughput/")) continue;
    ASSERT_TRUE(got.scalars.contains(tag));
    const bool counts = tag.starts_with("auc/") || tag.starts_with("accuracy/");
    ExpectNear(Values(got.scalars.at(tag)), Values(series),
               counts ? kToleranceOfCounts : kTolerance);
  }
  EXPECT_EQ(got.histograms.size(), want.histograms.size());
  for (const auto& [tag, histograms] : want.histograms) {
    SCOPED_TRACE(tag);
    ASSERT_EQ(got.histograms.at(tag).size(), histograms.size());
    for (size_t i = 0; i < histograms.size(); ++i) {
      ExpectNear(Values(got.histograms.at(tag)[i].second), Values(histograms[i].second));
    }
  }
  EXPECT_EQ(got.stats.size(), want.stats.size());
  for (const auto& [tag, events] : want.stats) {
    SCOPED_TRACE(tag);
    ASSERT_EQ(got.stats.at(tag).size(), events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      for (size_t column = 0; column < events[i].stats.columns.size(); ++column) {
        SCOPED_TRACE(events[i].stats.columns[column]);
        ExpectNear(Values(got.stats.at(tag)[i].stats.values[column]),
                   Values(events[i].stats.values[column]));
      }
    }
  }
  for (const auto& [tag, events] : want.embeddings) {
    SCOPED_TRACE(tag);
    ASSERT_EQ(got.embeddings.at(tag).size(), events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      ExpectNear(Values(got.embeddings.at(tag)[i].values), Values(events[i].values));
    }
  }
}

class TwinsTrainingTest : public ::testing::TestWithParam<OptimizerKind> {
 protected:
  void SetUp() override {
    if (OpenTestBackend(Device::kCuda) == nullptr) GTEST_SKIP() << "no usable GPU";
  }

  // All is logged, often.
  static void SetUpRun(TrainOptions* train) {
    train->optimizer = GetParam();
    train->learning_rate = GetParam() == OptimizerKind::kSgd ? 0.1 : 1e-3;
    train->epochs = 0;
    train->steps = 12;
    train->log = {
        .layers = 1, .units = 1, .rows = 4, .histograms = 6, .embeddings = 6, .validation = 6};
  }
};

// Blurred digits: a bright patch for each class, in noise.
Digits SomeDigits(size_t count, uint64_t seed) {
  Random random(seed);
  Digits digits;
  const std::vector<float> noise = NormalValues(count * kMnistPixels, 0.1, random);
  for (size_t i = 0; i < count; ++i) {
    const auto label = static_cast<int32_t>(i * 7 % kMnistClasses);
    digits.labels.push_back(label);
    for (int pixel = 0; pixel < kMnistPixels; ++pixel) {
      const float patch = pixel / 28 / 3 == label && pixel % 28 > 5 ? 0.8f : 0.0f;
      const float value = patch + noise[i * kMnistPixels + static_cast<size_t>(pixel)];
      digits.pixels.push_back(std::min(std::max(value, 0.0f), 1.0f));
    }
  }
  return digits;
}

TEST_P(TwinsTrainingTest, LearnDigitsAlike) {
  MnistOptions options;
  SetUpRun(&options.train);
  options.train.batch = 100;  // then 50: a batch may be smaller
  options.hidden = {33, 17};
  const Mnist data{SomeDigits(250, 1), SomeDigits(120, 2)};
  const auto run = [&](Device device, RecordingLogger* logger) {
    options.train.device = device;
    const auto summary = TrainMnist(options, data, *logger, {}, {});
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  };
  RecordingLogger want;
  RecordingLogger got;
  run(Device::kCpu, &want);
  run(Device::kCuda, &got);
  ExpectSameLog(got, want);
  const RecordingLogger::Series& losses = want.scalars.at("loss/train");
  EXPECT_LT(losses.back().second, 0.9 * losses.front().second);  // it did learn
}

TEST_P(TwinsTrainingTest, RankClicksAlike) {
  RecsysOptions options;
  SetUpRun(&options.train);
  options.train.batch = 100;
  options.data.users = 60;  // rows that stand several times in a batch
  options.data.items = 40;
  options.data.impressions = 2'000;
  options.dims = 8;
  options.small_dims = 3;
  options.hidden = {20, 9};
  const auto run = [&](Device device, RecordingLogger* logger) {
    options.train.device = device;
    const auto summary = TrainRecsys(options, *logger, {}, {});
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  };
  RecordingLogger want;
  RecordingLogger got;
  run(Device::kCpu, &want);
  run(Device::kCuda, &got);
  ExpectSameLog(got, want);
}

INSTANTIATE_TEST_SUITE_P(, TwinsTrainingTest,
                         ::testing::Values(OptimizerKind::kSgd, OptimizerKind::kAdam),
                         [](const auto& test) { return std::string(OptimizerName(test.param)); });

}  // namespace
}  // namespace spirogram::trainer
