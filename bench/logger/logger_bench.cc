// What a scalar costs its host, and how fast scalars get to the file. What was logged is read back
// point by point, and nothing may be dropped, before a figure is printed.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/log.h"
#include "base/str.h"
#include "logger/logger.h"
#include "store/store.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

constexpr int64_t kTags = 20;
// Less than what wakes the writer, so that a burst measures its caller alone.
constexpr int64_t kBurstCalls = 20'000;
constexpr int64_t kFileCalls = 4'000'000;

// Exact as a float32, and never that of a neighbour.
double ValueAt(int64_t tag, Step step) {
  return static_cast<double>(step % 1'000'003 * kTags + tag) / 2;
}

// A run that is logged step after step, every tag at each.
class LoggedRun {
 public:
  explicit LoggedRun(LoggerOptions options = {}) {
    options.run_dir = folder_.File("logs/run");
    logger_ = Logger::Open(options);
    for (int64_t tag = 0; tag < kTags; ++tag) tags_[static_cast<size_t>(tag)] = TagName(tag);
  }

  // REQUIRES: `calls` is a multiple of kTags.
  void LogScalars(int64_t calls) {
    for (const Step end = steps_ + calls / kTags; steps_ < end; ++steps_) {
      int64_t tag = 0;
      for (const std::string& name : tags_) logger_->Scalar(name, steps_, ValueAt(tag++, steps_));
    }
  }

  Logger& logger() { return *logger_; }
  // Waits for the disk.
  void Close() { logger_.reset(); }

  // Closes the run and says what is wrong with what is in its file, or nothing.
  std::string Verify() {
    const Counters counters = logger_ != nullptr ? logger_->GetCounters() : Counters{};
    if (counters.dropped != 0) return StrCat(counters.dropped, " calls were dropped");
    Close();
    auto opened =
        store::Store::Open({.logdir = folder_.File("logs"), .data_dir = folder_.File("data")});
    CHECK(opened.ok());
    store::Store& store = **opened;
    CHECK(store.LoadOnce().ok());
    for (int64_t tag = 0; tag < kTags; ++tag) {
      const auto points = store.ReadScalars(
          {.run = store.ReadRuns()->at(0).id, .tag = TagName(tag), .rows_max = INT32_MAX / 2});
      if (!points.ok()) return points.error().ToString();
      if (std::ssize(points->step) != steps_) return "the file has another number of points";
      for (Step step = 0; step < steps_; ++step) {
        const auto row = static_cast<size_t>(step);
        const bool is_right = points->step[row] == step && points->mean[row] == ValueAt(tag, step);
        if (!is_right) return StrCat("another point at step ", step);
      }
    }
    return "";
  }

 private:
  static std::string TagName(int64_t tag) { return StrCat("train/loss_", tag / 10, tag % 10); }

  testing::TempDir folder_;
  std::array<std::string, kTags> tags_;
  std::unique_ptr<Logger> logger_;
  Step steps_ = 0;
};

benchmark::Counter SecondsEach(int64_t calls) {
  return benchmark::Counter(
      static_cast<double>(calls),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// The caller's thread, with room in the queue.
void BM_ScalarCall(benchmark::State& state) {
  LoggedRun run;
  for (auto _ : state) {
    run.LogScalars(kBurstCalls);
    state.PauseTiming();
    run.logger().Flush();
    state.ResumeTiming();
  }
  if (const std::string wrong = run.Verify(); !wrong.empty()) {
    return state.SkipWithError(wrong.c_str());
  }
  state.counters["call"] = SecondsEach(kBurstCalls);
}
BENCHMARK(BM_ScalarCall)->Unit(benchmark::kMicrosecond);

// The same while the writer hangs, as it does when its disk does: the queue is full, and each call
// is counted as dropped and returns.
void BM_ScalarCallWhileDiskHangs(benchmark::State& state) {
  std::atomic<bool> hangs = true;
  SetLogSink([&](LogLevel, std::string_view) { hangs.wait(true); });  // the writer's first line
  constexpr size_t kQueueItems = 1000;
  int64_t calls = 1;
  {
    LoggedRun run({.queue_items_max = kQueueItems});
    run.logger().Scalar("", 0, 0);  // a bad call, which the writer tells of
    for (auto _ : state) {
      run.LogScalars(kBurstCalls);
      calls += kBurstCalls;
    }
    const Counters counters = run.logger().GetCounters();
    hangs = false;
    hangs.notify_all();
    const bool is_right = counters.logged >= kQueueItems && counters.logged <= 2 * kQueueItems &&
                          counters.logged + counters.dropped == static_cast<uint64_t>(calls);
    if (!is_right) state.SkipWithError("calls were neither logged nor counted as dropped");
  }
  SetLogSink({});
  state.counters["call"] = SecondsEach(kBurstCalls);
}
BENCHMARK(BM_ScalarCallWhileDiskHangs)->Unit(benchmark::kMicrosecond);

// From the first call until the last value is in the file, and `synced` until the disk has it. The
// processor's time is that of both threads.
void BM_ScalarsToFile(benchmark::State& state) {
  const bool is_synced = state.range(0) != 0;
  std::string wrong;
  for (auto _ : state) {
    state.PauseTiming();
    LoggedRun run({.queue_items_max = kFileCalls});
    state.ResumeTiming();
    run.LogScalars(kFileCalls);
    run.logger().Flush();
    const Counters counters = run.logger().GetCounters();
    if (is_synced) run.Close();
    state.PauseTiming();
    wrong = counters.dropped != 0 ? "calls were dropped" : run.Verify();
    state.ResumeTiming();
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  }
  state.SetItemsProcessed(state.iterations() * kFileCalls);
}
BENCHMARK(BM_ScalarsToFile)
    ->ArgName("synced")
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spirogram::logger

BENCHMARK_MAIN();
