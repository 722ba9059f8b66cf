// Draws a map of a raw float32 matrix, so that other programs can judge it:
//   tsne_of_file {exact|mesh} POINTS DIMS PERPLEXITY ITERATIONS INPUT OUTPUT
// writes N x 2 float32 to OUTPUT and "kl_divergence seconds" to stdout. The KL divergence is
// measured over all pairs in float64, whatever drew the map.
#include <cstdio>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/str.h"
#include "projector/affinity.h"
#include "projector/kl_divergence.h"
#include "projector/projector.h"
#include "projector/sparse_affinity.h"

namespace {

namespace projector = spirogram::projector;

// Of affinities over all N x N pairs.
double KlOf(const std::vector<float>& p, int64_t points, const std::vector<float>& coordinates) {
  projector::ThreadPool pool(0);
  projector::MapPoints map(points, 2);
  for (size_t i = 0; i < static_cast<size_t>(points); ++i) {
    map.axis(0)[i] = coordinates[2 * i];
    map.axis(1)[i] = coordinates[2 * i + 1];
  }
  return projector::KlDivergence(*projector::SumPLogP(p, points, &pool, {}),
                                 *projector::ComputeKlSums(p, map, &pool, {}));
}

std::vector<float> AllPairs(const projector::MatrixView& matrix, double perplexity) {
  projector::ThreadPool pool(0);
  return projector::ComputeAffinities(matrix, perplexity, &pool, {}).value();
}

std::vector<float> NeighbourPairs(const projector::MatrixView& matrix, double perplexity) {
  projector::ThreadPool pool(0);
  projector::NeighborOptions options;
  options.neighbors = static_cast<int>(3 * perplexity);
  options.method = projector::NeighborOptions::Method::kExact;
  auto graph = projector::NearestNeighbors(matrix, options, &pool, {}, {}).value();
  const auto p = projector::PerplexityAffinities(std::move(graph), perplexity, &pool, {}).value();
  std::vector<float> dense(static_cast<size_t>(p.points * p.points), 0.0F);
  for (int64_t i = 0; i < p.points; ++i) {
    for (size_t at = 0; at < p.RowColumns(i).size(); ++at) {
      dense[static_cast<size_t>(i * p.points + p.RowColumns(i)[at])] = p.RowValues(i)[at];
    }
  }
  return dense;
}

int Run(char** argv) {
  using namespace spirogram;
  const std::string_view method = argv[1];
  const auto points = ParseNumber<int64_t>(argv[2]);
  const auto dims = ParseNumber<int64_t>(argv[3]);
  const auto perplexity = ParseNumber<double>(argv[4]);
  const auto iterations = ParseNumber<int>(argv[5]);
  if (method != "exact" && method != "mesh") return 2;
  if (!points || !dims || !perplexity || !iterations || *points < 1 || *dims < 1) return 2;
  std::vector<float> values(static_cast<size_t>(*points * *dims));
  const auto bytes = static_cast<std::streamsize>(values.size() * sizeof(float));
  std::ifstream input(argv[6], std::ios::binary);
  if (!input.read(reinterpret_cast<char*>(values.data()), bytes)) {
    std::fprintf(stderr, "%s: want %td bytes\n", argv[6], static_cast<ptrdiff_t>(bytes));
    return 1;
  }
  projector::TsneOptions options;
  options.perplexity = *perplexity;
  options.iterations = *iterations;
  options.device = projector::Device::kCpu;
  options.method = method == "exact" ? projector::TsneOptions::Method::kExact
                                     : projector::TsneOptions::Method::kParticleMesh;
  const projector::MatrixView matrix{values, *points, *dims};
  const auto result = projector::Tsne(matrix, options, {}, {});
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    return 1;
  }
  std::ofstream output(argv[7], std::ios::binary);
  output.write(reinterpret_cast<const char*>(result->coordinates.data()),
               static_cast<std::streamsize>(result->coordinates.size() * sizeof(float)));
  const double all = KlOf(AllPairs(matrix, *perplexity), *points, result->coordinates);
  const double nearest = KlOf(NeighbourPairs(matrix, *perplexity), *points, result->coordinates);
  std::printf("%.6f %.3f %.6f\n", all, result->seconds, nearest);
  return output.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 8) return Run(argv);
  std::fprintf(stderr, "usage: %s {exact|mesh} POINTS DIMS PERPLEXITY ITERATIONS INPUT OUTPUT\n",
               argv[0]);
  return 2;
}
