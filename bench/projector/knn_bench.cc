// Nearest neighbours on the CPU:
//   knn_bench DATA K METHOD [THREADS] [cosine]
// DATA is a float32 matrix FILE.npy or KIND:NxD, made here: gaussian, uniform, clusters (a hundred
// clouds), copies (each row ten times, one in a hundred a thousand times), giant (one cloud with
// nine tenths of the rows, clouds of a tenth to a thousandth of it, and outliers far apart).
// METHOD is exact, cells or auto. Prints one line: wall and processor seconds, the peak of memory,
// and the recall of the first 10 and of all k for a sample of rows held against all others.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/str.h"
#include "bench/projector/npy.h"
#include "projector/knn_distance.h"
#include "projector/neighbors.h"
#include "projector/random.h"
#include "projector/sampling.h"

namespace spirogram::projector {
namespace {

using Method = NeighborOptions::Method;

constexpr int64_t kRecallRows = 400;
constexpr uint64_t kSampleSeed = 77;  // other rows than the search's own sample

void FillCloud(Random* random, double centre_spread, double spread, int64_t dims, int64_t rows,
               std::vector<float>* values) {
  std::vector<double> centre(static_cast<size_t>(dims));
  for (double& value : centre) value = centre_spread * random->NextNormal();
  for (int64_t row = 0; row < rows; ++row) {
    for (const double value : centre) {
      values->push_back(static_cast<float>(value + spread * random->NextNormal()));
    }
  }
}

std::optional<std::vector<float>> MakeRows(std::string_view kind, int64_t rows, int64_t dims) {
  Random random(1);
  std::vector<float> values;
  const auto size = static_cast<size_t>(rows * dims);
  values.reserve(size);
  if (kind == "gaussian") {
    FillCloud(&random, 0, 1, dims, rows, &values);
  } else if (kind == "uniform") {
    while (values.size() < size) values.push_back(static_cast<float>(random.NextUniform()));
  } else if (kind == "clusters") {
    constexpr int64_t kClusters = 100;
    for (int64_t cloud = 0; cloud < kClusters; ++cloud) {
      FillCloud(&random, 3, 1, dims, rows * (cloud + 1) / kClusters - rows * cloud / kClusters,
                &values);
    }
  } else if (kind == "copies") {
    while (values.size() < size) {
      const int64_t copies = random.NextBits() % 100 == 0 ? 1000 : 10;
      const size_t first = values.size();
      FillCloud(&random, 0, 1, dims, 1, &values);
      for (int64_t copy = 1; copy < copies; ++copy) {
        values.insert(values.end(), values.begin() + static_cast<ptrdiff_t>(first),
                      values.begin() + static_cast<ptrdiff_t>(first) + dims);
      }
    }
    values.resize(size);
  } else if (kind == "giant") {
    FillCloud(&random, 0, 1, dims, rows * 9 / 10, &values);
    for (const int64_t share : {20, 50, 100, 200, 1000, 1000, 1000}) {
      FillCloud(&random, 10, 0.1, dims, rows / share, &values);
    }
    while (values.size() < size) FillCloud(&random, 100, 0, dims, 1, &values);
  } else {
    return std::nullopt;
  }
  return values;
}

std::optional<Array> GetRows(const std::string& data) {
  if (data.ends_with(".npy")) return ReadNpy(data.c_str());
  const size_t colon = data.find(':');
  const size_t times = data.find('x', colon + 1);
  if (colon == std::string::npos || times == std::string::npos) return std::nullopt;
  const auto rows = ParseNumber<int64_t>(data.substr(colon + 1, times - colon - 1));
  const auto dims = ParseNumber<int64_t>(data.substr(times + 1));
  if (!rows || !dims || *rows < 2 || *dims < 1) return std::nullopt;
  auto values = MakeRows(data.substr(0, colon), *rows, *dims);
  if (!values) return std::nullopt;
  return Array{*rows, *dims, std::move(*values)};
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Distances, not rows, are compared: equally near rows are equally right.
void PrintRecall(const MatrixView& matrix, const NeighborOptions& options,
                 const NeighborGraph& graph, ThreadPool* pool) {
  const std::vector<int64_t> rows = SampleRows(matrix.points, kRecallRows, kSampleSeed);
  const RowDistance distance(matrix, options.metric);
  const int few = std::min(10, options.neighbors);
  std::vector<double> recalls(rows.size());
  std::vector<double> few_recalls(rows.size());
  pool->ForBlocks(static_cast<int64_t>(rows.size()), 1, {}, [&](int64_t begin, int64_t) {
    const auto at = static_cast<size_t>(begin);
    std::vector<Neighbor> nearest;
    ScanNearest(distance, rows[at], options.neighbors, {}, &nearest);
    const auto share = [&](int k) {
      const std::span<const float> found = graph.RowDistances(rows[at]);
      const float farthest = nearest[static_cast<size_t>(k - 1)].distance;
      return static_cast<double>(std::count_if(found.begin(), found.begin() + k,
                                               [&](float d) { return d <= farthest; })) /
             k;
    };
    few_recalls[at] = share(few);
    recalls[at] = share(options.neighbors);
  });
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  std::sort(recalls.begin(), recalls.end());
  std::printf("recall@%d %.4f  recall@%d %.4f, of the worst hundredth %.3f  ", few,
              mean(few_recalls), options.neighbors, mean(recalls), recalls[recalls.size() / 100]);
}

int Run(int argc, char** argv) {
  const std::map<std::string_view, Method> methods = {
      {"exact", Method::kExact}, {"cells", Method::kCells}, {"auto", Method::kAuto}};
  const auto method = methods.find(argv[3]);
  const auto neighbors = ParseNumber<int>(argv[2]);
  const auto threads = argc > 4 ? ParseNumber<int>(argv[4]) : std::optional<int>(0);
  if (method == methods.end() || !neighbors || !threads) return 2;
  const std::optional<Array> rows = GetRows(argv[1]);
  if (!rows) {
    std::fprintf(stderr, "%s: want a float32 matrix FILE.npy, or KIND:NxD\n", argv[1]);
    return 1;
  }
  const MatrixView matrix{rows->values, rows->rows, rows->columns};
  NeighborOptions options;
  options.neighbors = *neighbors;
  options.method = method->second;
  if (argc > 5 && std::string_view(argv[5]) == "cosine") options.metric = Metric::kCosine;
  ThreadPool pool(*threads);
  const double cpu_begin = CpuSeconds();
  const auto begin = std::chrono::steady_clock::now();
  const auto graph = NearestNeighbors(matrix, options, &pool, {}, {});
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  const double cpu = CpuSeconds() - cpu_begin;
  if (!graph.ok()) {
    std::fprintf(stderr, "%s\n", graph.error().ToString().c_str());
    return 1;
  }
  std::printf("%s, k = %d, %d threads: wall %.2f s  CPU %.2f s  peak %.0f MB  ", argv[1],
              *neighbors, pool.threads(), wall.count(), cpu, PeakMegabytes());
  PrintRecall(matrix, options, *graph, &pool);
  std::printf("(%s)\n", graph->method.c_str());
  return 0;
}

}  // namespace
}  // namespace spirogram::projector

int main(int argc, char** argv) {
  const int code = argc >= 4 && argc <= 6 ? spirogram::projector::Run(argc, argv) : 2;
  if (code == 2) {
    std::fprintf(stderr, "usage: %s DATA K exact|cells|auto [THREADS] [cosine]\n", argv[0]);
  }
  return code;
}
