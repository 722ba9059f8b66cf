// Reads of a profile of 10 M slices: any window of its steps as the timeline asks for it, the
// phases of all steps, as the page's first chart does, and the table of kernels. Every answer is
// held against the slices that were logged before it is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "base/check.h"
#include "base/str.h"
#include "bench/store/random.h"
#include "logger/logger.h"
#include "store/store.h"
#include "tests/testing/temp_dir.h"
#include "web/profile_summary.h"

namespace spirogram::store {
namespace {

using Kind = logger::ProfileSlice::Kind;

constexpr Step kSteps = 50'000;
constexpr int64_t kSlicesPerStep = 200;  // phases, then calls and what these put on the GPU
constexpr int64_t kPhases = 5;
constexpr int64_t kCalls = (kSlicesPerStep - kPhases + 1) / 2;
constexpr int64_t kStepNs = 5'000'000;
constexpr int64_t kStartNs = 1'760'000'000'000'000'000;

// 0 to 1,023, the same for the same place: what makes a duration other than the last step's.
int64_t Jitter(Step step, int64_t place) {
  return static_cast<int64_t>(
      bench::Random(static_cast<uint64_t>(step * kSlicesPerStep + place)).Next() % 1024);
}

// Slice `place` of a step. Kernels wait for each other on the GPU, behind the calls.
logger::ProfileSlice SliceOf(Step step, int64_t place) {
  static const std::vector<std::string> phases = {"input_wait", "forward", "backward", "optimizer",
                                                  "logging"};
  const int64_t began = kStartNs + step * kStepNs + 3 * Jitter(step, 0);
  if (place < kPhases) {
    return {.kind = Kind::kPhase,
            .name = phases[static_cast<size_t>(place)],
            .start_ns = began + place * (kStepNs / kPhases),
            .duration_ns = kStepNs / kPhases - 4000 - Jitter(step, place),
            .step = step};
  }
  const int64_t call = (place - kPhases) / 2;
  const auto correlation_id = static_cast<uint32_t>(step * kCalls + call + 1);
  if ((place - kPhases) % 2 == 0) {
    return {.kind = Kind::kCall,
            .name = call % 16 == 0 ? "cudaMemcpyAsync" : "cudaLaunchKernel",
            .start_ns = began + call * 40'000 + Jitter(step, place),
            .duration_ns = 3000 + Jitter(step, place),
            .step = step,
            .correlation_id = correlation_id,
            .stream = 1};
  }
  return {.kind = call % 16 == 0 ? Kind::kCopy : Kind::kKernel,
          .name = call % 16 == 0 ? "Memcpy HtoD" : StrCat("sgemm_128x", call % 23, "_nn"),
          .start_ns = began + call * 45'000 + 12'000 + Jitter(step, place),
          .duration_ns = 20'000 + 16 * Jitter(step, place),
          .step = step,
          .correlation_id = correlation_id,
          .stream = 7};
}

class LoadedProfile {
 public:
  LoadedProfile() {
    Log();
    auto opened = Store::Open({.logdir = folder_.File("logs"), .data_dir = folder_.File("data")});
    CHECK(opened.ok());
    store_ = std::move(opened).value();
    CHECK(store_->LoadOnce().ok());
    run_ = store_->ReadRuns()->at(0).id;
  }

  Store& store() { return *store_; }
  RunId run() const { return run_; }
  uint64_t DiskBytes() const {
    uint64_t bytes = 0;
    for (const char* file : {"data/spirogram.sqlite", "data/spirogram.sqlite-wal"}) {
      std::error_code is_not_there;
      const uint64_t size = std::filesystem::file_size(folder_.File(file), is_not_there);
      bytes += is_not_there ? 0 : size;
    }
    return bytes;
  }

 private:
  void Log() {
    auto logger = logger::Logger::Open({.run_dir = folder_.File("logs/run")});
    for (Step step = 0; step < kSteps; ++step) {
      std::vector<logger::ProfileSlice> slices;
      for (int64_t place = 0; place < kSlicesPerStep; ++place) {
        slices.push_back(SliceOf(step, place));
      }
      logger->Profile(std::move(slices));
      if (step % 1000 == 0) logger->Flush();
    }
    logger->Flush();
    CHECK(logger->GetCounters().dropped == 0);
  }

  testing::TempDir folder_;
  std::unique_ptr<Store> store_;
  RunId run_ = 0;
};

LoadedProfile& Profile() {
  static LoadedProfile loaded;
  return loaded;
}

// Says what is wrong with `slices` as those of the steps from `from` on, or nothing.
std::string Compare(const ProfileSlices& slices, Step from, Step steps) {
  if (std::ssize(slices.start_ns) != steps * kSlicesPerStep) return "another number of slices";
  for (int64_t i = 0; i < steps * kSlicesPerStep; ++i) {
    const auto at = static_cast<size_t>(i);
    const logger::ProfileSlice want = SliceOf(from + i / kSlicesPerStep, i % kSlicesPerStep);
    const bool is_right =
        static_cast<int>(slices.kind[at]) == static_cast<int>(want.kind) &&
        slices.names[slices.name[at]] == want.name && slices.start_ns[at] == want.start_ns &&
        slices.duration_ns[at] == want.duration_ns && slices.step[at] == want.step &&
        slices.correlation_id[at] == want.correlation_id && slices.stream[at] == want.stream;
    if (!is_right)
      return StrCat("slice ", i % kSlicesPerStep, " of step ", want.step, " is another");
  }
  return "";
}

// Windows of so many steps, at places that fall on no chunk's edge.
void BM_ProfileWindow(benchmark::State& state) {
  LoadedProfile& profile = Profile();
  const Step steps = state.range(0);
  constexpr Step kWindows = 16;
  const auto from_of = [&](Step window) { return (kSteps - steps) * window / (kWindows - 1); };
  const auto read = [&](Step window) {
    const Step from = from_of(window);
    return profile.store().ReadProfile(profile.run(), from, from + steps - 1);
  };
  for (Step window = 0; window < kWindows; window += 5) {
    const auto slices = read(window);
    CHECK(slices.ok());
    const std::string wrong = Compare(*slices, from_of(window), steps);
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  }
  Step next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(read(next++ % kWindows));
  state.counters["slices"] = static_cast<double>(steps * kSlicesPerStep);
  state.counters["disk_bytes_a_slice"] =
      static_cast<double>(profile.DiskBytes()) / (kSteps * kSlicesPerStep);
}
BENCHMARK(BM_ProfileWindow)
    ->ArgName("steps")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)  // 200,000 slices: the most that the route answers
    ->Arg(kSteps)
    ->Unit(benchmark::kMillisecond);

// Says what is wrong with `summary` as the mean durations of the phases of the steps from `from` on
// in at most `rows` rows, or nothing.
std::string CompareSummary(const web::StepSummary& summary, int64_t rows, Step from, Step steps) {
  const bool has_rows = std::ssize(summary.step) <= rows && std::ssize(summary.step) > rows / 2;
  if (!has_rows || std::ssize(summary.phases) != kPhases ||
      summary.step.back() != from + steps - 1) {
    return "another number of rows or phases";
  }
  constexpr double kNsPerMs = 1e6;
  for (int64_t phase = 0; phase < kPhases; ++phase) {
    Step step = from;
    for (size_t row = 0; row < summary.step.size(); ++row) {
      const Step first = step;
      int64_t total_ns = 0;
      for (; step <= summary.step[row]; ++step) total_ns += SliceOf(step, phase).duration_ns;
      const double want =
          static_cast<double>(total_ns) / kNsPerMs / static_cast<double>(step - first);
      const double got = summary.milliseconds[static_cast<size_t>(phase)][row];
      if (std::fabs(got - want) > 1e-9) return StrCat("another mean of row ", row);
    }
  }
  return "";
}

// Of so many steps, from the middle of a chunk on.
void BM_Phases(benchmark::State& state) {
  LoadedProfile& profile = Profile();
  const Step steps = state.range(0);
  const Step from = (kSteps - steps) / 3;
  constexpr int kRows = 1000;
  const auto read = [&] {
    const auto times = profile.store().ReadPhaseTimes(profile.run(), from, from + steps - 1, kRows);
    CHECK(times.ok());
    return web::SummarizeSteps(*times);
  };
  const std::string wrong = CompareSummary(read(), kRows, from, steps);
  if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  for (auto _ : state) benchmark::DoNotOptimize(read());
}
BENCHMARK(BM_Phases)
    ->ArgName("steps")
    ->Arg(1000)
    ->Arg(kSteps / 2)
    ->Arg(kSteps)
    ->Unit(benchmark::kMillisecond);

// Says what is wrong with `totals` as those of what the GPU ran, or nothing.
std::string CompareTotals(const std::vector<KernelTotal>& totals) {
  std::map<std::string, KernelTotal> want;
  for (Step step = 0; step < kSteps; ++step) {
    for (int64_t place = kPhases + 1; place < kSlicesPerStep; place += 2) {
      const logger::ProfileSlice slice = SliceOf(step, place);
      KernelTotal& total = want[slice.name];
      ++total.count;
      total.total_ns += static_cast<double>(slice.duration_ns);
      total.max_ns = std::max(total.max_ns, slice.duration_ns);
    }
  }
  if (totals.size() != want.size()) return "another number of kernels";
  for (const KernelTotal& total : totals) {
    const KernelTotal& of_name = want[total.name];
    const bool is_right = total.count == of_name.count && total.total_ns == of_name.total_ns &&
                          total.max_ns == of_name.max_ns;
    if (!is_right) return StrCat("another total of ", total.name);
  }
  return "";
}

void BM_KernelsOfAllSteps(benchmark::State& state) {
  LoadedProfile& profile = Profile();
  const auto read = [&] { return profile.store().ReadKernelTotals(profile.run()); };
  const auto totals = read();
  CHECK(totals.ok());
  const std::string wrong = CompareTotals(*totals);
  if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  for (auto _ : state) benchmark::DoNotOptimize(read());
}
BENCHMARK(BM_KernelsOfAllSteps)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spirogram::store

BENCHMARK_MAIN();
