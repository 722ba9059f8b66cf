// The projector on a GPU, end to end: rows in host memory to a map or a graph in host memory, with
// all handles made, memory allocated and copies; the device's context is there already. Each
// benchmark checks its answer before it is timed. Rows are drawn: clusters of the sizes of MNIST
// (70,000 x 784) and of embeddings (1,000,000 x 128).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "gpu/library.h"
#include "projector/neighbors.h"
#include "projector/projector.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kClusters = 10;
constexpr int kNeighbors = 90;
constexpr int64_t kCheckedRows = 100;

struct Rows {
  std::vector<float> values;
  int64_t points;
  int64_t dims;
  MatrixView view() const { return {values, points, dims}; }
};

// Row i belongs to cluster i % kClusters, 12 along an axis of its own.
Rows DrawRows(int64_t points, int64_t dims) {
  Rows rows{std::vector<float>(static_cast<size_t>(points * dims)), points, dims};
  Random random(1);
  for (float& value : rows.values) value = static_cast<float>(random.NextNormal());
  for (int64_t i = 0; i < points; ++i) {
    rows.values[static_cast<size_t>(i * dims + i % kClusters)] += 12;
  }
  return rows;
}

bool HasGpu(benchmark::State& state) {
  const auto& library = gpu::Library::Get();
  if (library.ok()) state.SetLabel(library->device().name);
  if (!library.ok()) state.SkipWithError(library.error().message.c_str());
  return library.ok();
}

std::optional<NeighborGraph> Search(const Rows& rows, benchmark::State& state) {
  ThreadPool pool(0);
  NeighborOptions options;
  options.neighbors = kNeighbors;
  options.method = NeighborOptions::Method::kExact;
  options.device = Device::kCuda;
  auto graph = NearestNeighbors(rows.view(), options, &pool, {}, {});
  if (graph.ok()) return std::move(*graph);
  state.SkipWithError(graph.error().message.c_str());
  return std::nullopt;
}

// The farthest of the k nearest of a row, by comparing it with all.
float FarthestOfNearest(const Rows& rows, int64_t i) {
  std::vector<float> distances;
  const float* x = rows.values.data() + i * rows.dims;
  for (int64_t j = 0; j < rows.points; ++j) {
    if (j == i) continue;
    const float* y = rows.values.data() + j * rows.dims;
    double square = 0;
    for (int64_t k = 0; k < rows.dims; ++k) {
      const double difference = double{x[k]} - y[k];
      square += difference * difference;
    }
    distances.push_back(static_cast<float>(std::sqrt(square)));
  }
  std::nth_element(distances.begin(), distances.begin() + kNeighbors - 1, distances.end());
  return distances[kNeighbors - 1];
}

double Recall(const Rows& rows, const NeighborGraph& graph) {
  int64_t hits = 0;
  for (int64_t at = 0; at < kCheckedRows; ++at) {
    const int64_t row = at * (rows.points / kCheckedRows);
    const float farthest = FarthestOfNearest(rows, row) * (1 + 1e-6F);
    for (const float distance : graph.RowDistances(row)) hits += distance <= farthest ? 1 : 0;
  }
  return static_cast<double>(hits) / (kCheckedRows * kNeighbors);
}

void BM_CudaNeighbors(benchmark::State& state) {
  if (!HasGpu(state)) return;
  const Rows rows = DrawRows(state.range(0), state.range(1));
  const auto graph = Search(rows, state);
  if (!graph) return;
  const double recall = Recall(rows, *graph);
  if (recall < 1) {
    state.SkipWithError(("recall is " + std::to_string(recall) + ", want 1").c_str());
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(Search(rows, state));
  state.SetLabel(graph->method + ", recall 1 on " + std::to_string(kCheckedRows) + " rows");
  state.SetItemsProcessed(state.iterations() * rows.points);
}
BENCHMARK(BM_CudaNeighbors)
    ->ArgNames({"points", "dims"})
    ->Args({70'000, 784})
    ->Args({1'000'000, 128})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// How much nearer the points of a cluster lie to its centre than to the map's, in mean squares.
double WithinShare(const std::vector<float>& map, int64_t points) {
  std::vector<double> centres(2 * kClusters, 0.0);
  for (int64_t i = 0; i < 2 * points; ++i) {
    centres[static_cast<size_t>(2 * (i / 2 % kClusters) + i % 2)] +=
        map[static_cast<size_t>(i)] * kClusters / static_cast<double>(points);
  }
  double within = 0;
  double total = 0;
  for (int64_t i = 0; i < 2 * points; ++i) {
    const double value = map[static_cast<size_t>(i)];
    within += std::pow(value - centres[static_cast<size_t>(2 * (i / 2 % kClusters) + i % 2)], 2);
    total += value * value;
  }
  return within / total;
}

Result<TsneResult> Draw(const Rows& rows, const TsneOptions& options, benchmark::State& state) {
  auto map = Tsne(rows.view(), options, {}, {});
  if (!map.ok()) state.SkipWithError(map.error().message.c_str());
  return map;
}

// From rows to map, 750 iterations at perplexity 30.
void BM_CudaTsne(benchmark::State& state) {
  if (!HasGpu(state)) return;
  const Rows rows = DrawRows(state.range(0), state.range(1));
  TsneOptions options;
  options.device = Device::kCuda;
  const auto checked = Draw(rows, options, state);
  if (!checked.ok()) return;
  const double within = WithinShare(checked->coordinates, rows.points);
  if (!(within < 0.2)) {
    state.SkipWithError(("clusters are mixed: within share " + std::to_string(within)).c_str());
    return;
  }
  for (auto _ : state) {
    const auto map = Draw(rows, options, state);
    if (!map.ok()) return;
    state.counters["start_s"] = map->start_seconds;
    state.counters["neighbors_s"] = map->neighbor_seconds;
    state.counters["affinities_s"] = map->affinity_seconds;
    state.counters["descent_s"] = map->descent_seconds;
    state.counters["kl"] = map->kl_divergence;
  }
  state.SetItemsProcessed(state.iterations() * rows.points);
}
BENCHMARK(BM_CudaTsne)
    ->ArgNames({"points", "dims"})
    ->Args({70'000, 784})
    ->Args({1'000'000, 128})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

// The map of each checkpoint starts from the last one's: 200 iterations, no exaggeration.
void BM_CudaTimeline(benchmark::State& state) {
  if (!HasGpu(state)) return;
  constexpr int64_t kPoints = 70'000;
  constexpr int64_t kDims = 64;
  Rows rows = DrawRows(kPoints, kDims);
  TsneOptions options;
  options.device = Device::kCuda;
  const auto first = Draw(rows, options, state);
  if (!first.ok()) return;
  const auto start = first->coordinates;
  for (auto _ : state) {
    std::vector<float> last = start;
    options.init = TsneOptions::Init::kGiven;
    options.early_exaggeration_iterations = 0;
    options.iterations = 200;
    for (int64_t checkpoint = 0; checkpoint < state.range(0); ++checkpoint) {
      for (size_t at = static_cast<size_t>(checkpoint); at < rows.values.size(); at += 97) {
        rows.values[at] += 0.1F;  // as training would
      }
      options.start = last;
      auto map = Draw(rows, options, state);
      if (!map.ok()) return;
      last = std::move(map->coordinates);
    }
    if (!(WithinShare(last, kPoints) < 0.2)) state.SkipWithError("clusters are mixed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * kPoints);
}
BENCHMARK(BM_CudaTimeline)
    ->ArgName("checkpoints")
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace spirogram::projector

BENCHMARK_MAIN();
