// Reads of a chart: any window of a series of 10 M points, and one tag of 1,000 runs. Every answer
// is held against the points themselves before it is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/store/logdir_generator.h"
#include "store/store.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::store {
namespace {

constexpr int64_t kLongSteps = 10'000'000;
constexpr int64_t kRuns = 1000;
constexpr int64_t kRunSteps = 2000;
constexpr const char* kTag = "train/loss_00";

// A logdir that was read once into a store.
class LoadedStore {
 public:
  explicit LoadedStore(const bench::LogdirShape& shape) {
    const std::string logdir = folder_.File("logs");
    CHECK(bench::WriteLogdir(shape, logdir).ok());
    auto opened = Store::Open({.logdir = logdir, .data_dir = folder_.File("data")});
    CHECK(opened.ok());
    store_ = std::move(opened).value();
    CHECK(store_->LoadOnce().ok());
    const auto runs = store_->ReadRuns();
    CHECK(runs.ok());
    for (const Run& run : *runs) runs_.push_back(run.id);
  }

  Store& store() { return *store_; }
  const std::vector<RunId>& runs() const { return runs_; }

 private:
  testing::TempDir folder_;
  std::unique_ptr<Store> store_;
  std::vector<RunId> runs_;
};

LoadedStore& LongSeries() {
  static LoadedStore loaded({.runs = 1, .steps = kLongSteps, .scalar_tags = 1});
  return loaded;
}

LoadedStore& ManyRuns() {
  static LoadedStore loaded({.runs = kRuns, .steps = kRunSteps, .scalar_tags = 1});
  return loaded;
}

// The slow twin: every point of the window, each a row of its own.
ScalarRows AllPoints(Store& store, ScalarQuery query) {
  query.rows_max = std::numeric_limits<int>::max() / 2;
  auto points = store.ReadScalars(query);
  CHECK(points.ok());
  return std::move(points).value();
}

// Says what is wrong with `rows` as a summary of `points`, or nothing.
std::string Compare(const ScalarRows& rows, const ScalarRows& points, int rows_max) {
  if (rows.size() > static_cast<size_t>(rows_max)) return "too many rows";
  size_t at = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    const size_t end = at + rows.count[row];
    if (end > points.size()) return "rows stand for more points than there are";
    const bool is_edge = row == 0 || row + 1 == rows.size();
    if (is_edge && rows.count[row] != 1) return "first and last point are no rows of their own";
    double min = std::numeric_limits<double>::infinity();
    double max = -min;
    double sum = 0;
    for (; at < end; ++at) {
      min = std::min(min, points.mean[at]);
      max = std::max(max, points.mean[at]);
      sum += points.mean[at];
    }
    const double mean = sum / rows.count[row];
    if (rows.step[row] != points.step[end - 1]) return "a row has another last step";
    if (rows.min[row] != min || rows.max[row] != max) return "a row has other extremes";
    if (std::fabs(rows.mean[row] - mean) > 1e-9) return "a row has another mean";
  }
  return at == points.size() ? "" : "rows do not stand for all points";
}

// Windows of so many ten-thousandths of the steps, at places that fall on no block's edge.
void BM_ZoomWindow(benchmark::State& state) {
  LoadedStore& loaded = LongSeries();
  const int64_t steps = kLongSteps / 10'000 * state.range(0);
  std::vector<ScalarQuery> windows;
  for (int64_t i = 0; i < 16; ++i) {
    const Step from = (kLongSteps - steps) * i / 15;
    windows.push_back({.run = loaded.runs()[0],
                       .tag = kTag,
                       .from = from,
                       .to = from + steps - 1,
                       .rows_max = 1000});
  }
  for (size_t i = 0; i < windows.size(); i += 5) {
    const auto rows = loaded.store().ReadScalars(windows[i]);
    CHECK(rows.ok());
    const std::string wrong = Compare(*rows, AllPoints(loaded.store(), windows[i]), 1000);
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  }
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(loaded.store().ReadScalars(windows[next++ % windows.size()]));
  }
}
BENCHMARK(BM_ZoomWindow)
    ->ArgName("ten_thousandths")
    ->Arg(10'000)
    ->Arg(4200)  // just above and just below a level's bound
    ->Arg(4000)
    ->Arg(1000)
    ->Arg(260)
    ->Arg(250)
    ->Arg(100)
    ->Arg(10)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// As the route of scalars asks: run after run.
void BM_OneTagOfManyRuns(benchmark::State& state) {
  LoadedStore& loaded = ManyRuns();
  ScalarQuery query{.tag = kTag, .rows_max = 500};
  for (size_t i = 0; i < loaded.runs().size(); i += 37) {
    query.run = loaded.runs()[i];
    const auto rows = loaded.store().ReadScalars(query);
    CHECK(rows.ok());
    const std::string wrong = Compare(*rows, AllPoints(loaded.store(), query), query.rows_max);
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  }
  for (auto _ : state) {
    for (const RunId run : loaded.runs()) {
      query.run = run;
      benchmark::DoNotOptimize(loaded.store().ReadScalars(query));
    }
  }
}
BENCHMARK(BM_OneTagOfManyRuns)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spirogram::store

BENCHMARK_MAIN();
