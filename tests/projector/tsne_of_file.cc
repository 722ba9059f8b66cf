// Draws a map of a raw float32 matrix, so that other programs can judge it:
//   tsne_of_file {exact|mesh} POINTS DIMS PERPLEXITY ITERATIONS INPUT OUTPUT
// writes N x 2 float32 to OUTPUT and "kl_divergence seconds" to stdout. The KL divergence is
// measured over all pairs in float64, whatever drew the map.
#include <cstdio>
#include <fstream>
#include <string_view>

#include "base/str.h"
#include "projector/affinity.h"
#include "projector/kl_divergence.h"
#include "projector/projector.h"

namespace {

namespace projector = spirogram::projector;

double ExactKlDivergence(const projector::MatrixView& matrix, double perplexity,
                         const std::vector<float>& coordinates) {
  projector::ThreadPool pool(0);
  const auto p = projector::ComputeAffinities(matrix, perplexity, &pool, {}).value();
  projector::MapPoints map(matrix.points, 2);
  for (size_t i = 0; i < static_cast<size_t>(matrix.points); ++i) {
    map.axis(0)[i] = coordinates[2 * i];
    map.axis(1)[i] = coordinates[2 * i + 1];
  }
  return projector::KlDivergence(*projector::SumPLogP(p, matrix.points, &pool, {}),
                                 *projector::ComputeKlSums(p, map, &pool, {}));
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
  std::printf("%.6f %.3f\n", ExactKlDivergence(matrix, *perplexity, result->coordinates),
              result->seconds);
  return output.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 8) return Run(argv);
  std::fprintf(stderr, "usage: %s {exact|mesh} POINTS DIMS PERPLEXITY ITERATIONS INPUT OUTPUT\n",
               argv[0]);
  return 2;
}
