// The projector on the CPU: PCA of many rows, and exact t-SNE at sizes for which it is meant.
// Each benchmark checks its answer before it is timed.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "projector/projector.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kDims = 64;
constexpr int64_t kClusters = 10;

// Ten clusters, 10 standard deviations from the origin along axes of their own.
std::vector<float> ClusteredRows(int64_t points) {
  Random random(1);
  std::vector<float> values(static_cast<size_t>(points * kDims));
  for (float& value : values) value = static_cast<float>(random.NextNormal());
  for (int64_t i = 0; i < points; ++i) {
    values[static_cast<size_t>(i * kDims + i % kClusters)] += 10;
  }
  return values;
}

// How much nearer the points of a cluster lie to its centre than to the map's, in mean squares.
double WithinShare(const std::vector<float>& map, int64_t points) {
  std::vector<double> centres(2 * kClusters, 0.0);
  for (int64_t i = 0; i < points; ++i) {
    for (int64_t k = 0; k < 2; ++k) {
      centres[static_cast<size_t>(2 * (i % kClusters) + k)] +=
          map[static_cast<size_t>(2 * i + k)] * kClusters / static_cast<double>(points);
    }
  }
  double within = 0;
  double total = 0;
  for (int64_t i = 0; i < points; ++i) {
    for (int64_t k = 0; k < 2; ++k) {
      const double value = map[static_cast<size_t>(2 * i + k)];
      within += std::pow(value - centres[static_cast<size_t>(2 * (i % kClusters) + k)], 2);
      total += value * value;
    }
  }
  return within / total;
}

void BM_Pca(benchmark::State& state) {
  const int64_t points = state.range(0);
  const std::vector<float> values = ClusteredRows(points);
  const MatrixView matrix{values, points, kDims};
  const auto answer = Pca(matrix, {});
  if (!answer.ok() || std::abs(answer->variance_share[0] - 11.0 / 154) > 0.01) {
    state.SkipWithError("PCA: the variance of the clusters is not found");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(Pca(matrix, {}));
  state.SetItemsProcessed(state.iterations() * points);
}
BENCHMARK(BM_Pca)->ArgName("points")->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_ExactTsne(benchmark::State& state) {
  const int64_t points = state.range(0);
  const std::vector<float> values = ClusteredRows(points);
  const MatrixView matrix{values, points, kDims};
  TsneOptions options;
  options.device = state.range(1) != 0 ? Device::kCuda : Device::kCpu;
  options.iterations = 300;
  const auto answer = ExactTsne(matrix, options, {}, {});
  if (!answer.ok()) {
    state.SkipWithError(answer.error().message.c_str());
    return;
  }
  if (WithinShare(answer->coordinates, points) > 0.1) {
    state.SkipWithError("t-SNE: the clusters are not apart");
    return;
  }
  state.SetLabel(answer->device);
  options.iterations = 750;
  for (auto _ : state) {
    const auto map = ExactTsne(matrix, options, {}, {});
    state.counters["kl_divergence"] = map->kl_divergence;
  }
  const double pairs = static_cast<double>(points * points) * options.iterations;
  state.counters["pairs/s"] = benchmark::Counter(pairs * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate);
}
BENCHMARK(BM_ExactTsne)
    ->ArgNames({"points", "cuda"})
    ->ArgsProduct({{2000, 5000}, {0, 1}})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spirogram::projector

BENCHMARK_MAIN();
