// What a training loses when all its layers and tables are watched every 100 steps: norms, unit and
// row statistics, histograms. Each round trains the same model twice, watched and not, in
// alternating order; the losses must be the same bits, and what was watched must be in the file.
// Times are the processor's, medians of the rounds.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/str.h"
#include "bench/seconds.h"
#include "logger/logger.h"
#include "store/store.h"
#include "tests/testing/temp_dir.h"
#include "trainer/random.h"
#include "trainer/train.h"

namespace spirogram::trainer {
namespace {

using bench::Seconds;

constexpr int kInterval = 100;
constexpr Step kSteps = 500;
constexpr LogIntervals kWatched = {.layers = kInterval,
                                   .units = kInterval,
                                   .rows = kInterval,
                                   .histograms = kInterval,
                                   .embeddings = 0,
                                   .validation = 0};
constexpr LogIntervals kUnwatched = {
    .layers = 0, .units = 0, .rows = 0, .histograms = 0, .embeddings = 0, .validation = 0};

// Of the processor: others may keep it busy.
struct Training {
  double thread_seconds = 0;   // of the thread that trains, which waits for nothing else
  double process_seconds = 0;  // and of the logger's
  double loss = 0;
};

using Train = std::function<Result<TrainSummary>(const LogIntervals&, logger::Logger&)>;

Training Measure(const Train& train, const LogIntervals& intervals, const std::string& run_dir) {
  Training training;
  const double thread_began = Seconds(CLOCK_THREAD_CPUTIME_ID);
  const double process_began = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  const auto logger = logger::Logger::Open({.run_dir = run_dir});
  const auto summary = train(intervals, *logger);
  CHECK(summary.ok() && summary->steps == kSteps);
  training.thread_seconds = Seconds(CLOCK_THREAD_CPUTIME_ID) - thread_began;
  training.process_seconds = Seconds(CLOCK_PROCESS_CPUTIME_ID) - process_began;
  training.loss = summary->loss;
  CHECK(logger->GetCounters().dropped == 0);
  return training;
}

// Says what is missing of what was to be watched, or nothing.
std::string CheckLogged(const std::string& logdir, const std::string& data_dir, int watches) {
  auto opened = store::Store::Open({.logdir = logdir, .data_dir = data_dir});
  CHECK(opened.ok() && (*opened)->LoadOnce().ok());
  const auto tags = (*opened)->ReadTags({});
  CHECK(tags.ok());
  int statistics = 0;
  int histograms = 0;
  for (const store::Tag& tag : *tags) {
    const bool is_whole = tag.count == kSteps / kInterval;
    statistics += tag.kind == store::DataKind::kEntityStats && is_whole;
    histograms += tag.kind == store::DataKind::kHistogram && is_whole;
  }
  if (statistics == watches && histograms >= watches) return "";
  return StrCat("statistics of ", statistics, " layers and tables and ", histograms,
                " histograms at every ", kInterval, " steps, want ", watches);
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

// `watches`: layers and tables of the model.
void CompareWatched(benchmark::State& state, const Train& train, int watches) {
  testing::TempDir folder;
  std::vector<double> seconds;
  std::vector<double> slowed;
  std::vector<double> slowed_with_logger;
  for (auto _ : state) {
    Training plain;
    Training watched;
    for (const bool is_first : {true, false}) {
      const bool is_watched = is_first == (slowed.size() % 2 == 0);
      (is_watched ? watched : plain) =
          Measure(train, is_watched ? kWatched : kUnwatched,
                  folder.File(StrCat(is_watched ? "watched/" : "plain/", slowed.size())));
    }
    if (watched.loss != plain.loss)
      return state.SkipWithError("the watched training went another way");
    seconds.push_back(plain.thread_seconds);
    slowed.push_back(100 * (watched.thread_seconds / plain.thread_seconds - 1));
    slowed_with_logger.push_back(100 * (watched.process_seconds / plain.process_seconds - 1));
    state.SetIterationTime(watched.thread_seconds);
  }
  const std::string wrong = CheckLogged(folder.File("watched"), folder.File("data"),
                                        watches * static_cast<int>(slowed.size()));
  if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  state.counters["unwatched_s"] = Median(seconds);
  state.counters["slowed_%"] = Median(slowed);
  state.counters["with_logger_%"] = Median(slowed_with_logger);
}

// Noise in the shape of MNIST: it takes as long to train on.
Digits RandomDigits(size_t count) {
  Random random(1);
  Digits digits;
  digits.pixels.resize(count * kMnistPixels);
  std::uniform_real_distribution<float> grey(0, 1);
  for (float& pixel : digits.pixels) pixel = grey(random);
  for (size_t i = 0; i < count; ++i) digits.labels.push_back(static_cast<int32_t>(i % 10));
  return digits;
}

void BM_WatchedMnist(benchmark::State& state) {
  const Mnist data{RandomDigits(4096), RandomDigits(128)};
  const auto train = [&](const LogIntervals& intervals, logger::Logger& logger) {
    MnistOptions options;
    options.train.epochs = 0;
    options.train.steps = kSteps;
    options.train.log = intervals;
    return TrainMnist(options, data, logger, {}, {});
  };
  CompareWatched(state, train, 3);
}
BENCHMARK(BM_WatchedMnist)->UseManualTime()->Iterations(9)->Unit(benchmark::kMillisecond);

void BM_WatchedRecsys(benchmark::State& state) {
  const auto options_of = [](const LogIntervals& intervals) {
    RecsysOptions options;
    options.train.steps = kSteps;
    options.train.log = intervals;
    return options;
  };
  const auto data = PrepareRecsys(options_of(kUnwatched));
  CHECK(data.ok());
  const auto train = [&](const LogIntervals& intervals, logger::Logger& logger) {
    return TrainRecsys(options_of(intervals), *data, logger, {}, {});
  };
  CompareWatched(state, train, 7);
}
BENCHMARK(BM_WatchedRecsys)->UseManualTime()->Iterations(9)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spirogram::trainer

BENCHMARK_MAIN();
