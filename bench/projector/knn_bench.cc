// Nearest neighbours on the CPU:
//   knn_bench POINTS DIMS K [THREADS] [FILE]
// of clustered random rows, or of a raw float32 FILE of POINTS x DIMS. Prints the seconds of the
// exact search and of the index, and the recall of the index against the exact answer.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <vector>

#include "base/str.h"
#include "projector/neighbors.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kClusters = 100;

// Gaussian clouds about centres that are three times as wide as they.
std::vector<float> ClusteredRows(int64_t points, int64_t dims) {
  Random random(1);
  std::vector<float> centres(static_cast<size_t>(kClusters * dims));
  for (float& value : centres) value = static_cast<float>(3 * random.NextNormal());
  std::vector<float> values(static_cast<size_t>(points * dims));
  for (size_t at = 0; at < values.size(); ++at) {
    const size_t row = at / static_cast<size_t>(dims);
    const size_t centre = row % kClusters * static_cast<size_t>(dims);
    values[at] =
        centres[centre + at % static_cast<size_t>(dims)] + static_cast<float>(random.NextNormal());
  }
  return values;
}

std::optional<std::vector<float>> ReadRows(const char* path, int64_t points, int64_t dims) {
  std::vector<float> values(static_cast<size_t>(points * dims));
  std::ifstream input(path, std::ios::binary);
  input.read(reinterpret_cast<char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  if (!input) return std::nullopt;
  return values;
}

double Recall(const NeighborGraph& got, const NeighborGraph& want) {
  // Distances, not rows: equally near rows are equally right.
  int64_t hits = 0;
  for (int64_t i = 0; i < want.points; ++i) {
    const float farthest = want.RowDistances(i).back();
    for (const float distance : got.RowDistances(i)) hits += distance <= farthest;
  }
  return static_cast<double>(hits) / static_cast<double>(want.indices.size());
}

std::optional<NeighborGraph> Measure(const MatrixView& matrix, const NeighborOptions& options,
                                     ThreadPool* pool) {
  const auto start = std::chrono::steady_clock::now();
  auto graph = NearestNeighbors(matrix, options, pool, {}, {});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!graph.ok()) {
    std::fprintf(stderr, "%s\n", graph.error().ToString().c_str());
    return std::nullopt;
  }
  const double pairs = static_cast<double>(matrix.points) * static_cast<double>(matrix.points - 1);
  const double gflops = 3e-9 * pairs / 2 * static_cast<double>(matrix.dims) / seconds;
  std::printf("%-60s %8.2f s", graph->method.c_str(), seconds);
  if (options.method == NeighborOptions::Method::kExact) std::printf("  %6.1f GFLOP/s", gflops);
  return std::move(*graph);
}

int Run(int argc, char** argv) {
  const auto points = ParseNumber<int64_t>(argv[1]);
  const auto dims = ParseNumber<int64_t>(argv[2]);
  const auto neighbors = ParseNumber<int>(argv[3]);
  const auto threads = argc > 4 ? ParseNumber<int>(argv[4]) : std::optional<int>(0);
  if (!points || !dims || !neighbors || !threads || *points < 2 || *dims < 1) return 2;
  const std::optional<std::vector<float>> values =
      argc > 5 ? ReadRows(argv[5], *points, *dims) : ClusteredRows(*points, *dims);
  if (!values) {
    std::fprintf(stderr, "%s: want %lld x %lld float32\n", argv[5], static_cast<long long>(*points),
                 static_cast<long long>(*dims));
    return 1;
  }
  ThreadPool pool(*threads);
  std::printf("%lld x %lld, k = %d, %d threads\n", static_cast<long long>(*points),
              static_cast<long long>(*dims), *neighbors, pool.threads());
  const MatrixView matrix{*values, *points, *dims};
  NeighborOptions options;
  options.neighbors = *neighbors;
  options.method = NeighborOptions::Method::kExact;
  const auto exact = Measure(matrix, options, &pool);
  if (!exact) return 1;
  options.method = NeighborOptions::Method::kIndex;
  std::printf("\n");
  const auto index = Measure(matrix, options, &pool);
  if (!index) return 1;
  std::printf("  recall %.4f\n", Recall(*index, *exact));
  return 0;
}

}  // namespace
}  // namespace spirogram::projector

int main(int argc, char** argv) {
  if (argc >= 4 && argc <= 6) return spirogram::projector::Run(argc, argv);
  std::fprintf(stderr, "usage: %s POINTS DIMS K [THREADS] [FILE]\n", argv[0]);
  return 2;
}
