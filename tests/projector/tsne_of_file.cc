// Draws a map of a raw float32 matrix, so that other programs can judge it:
//   tsne_of_file POINTS DIMS PERPLEXITY ITERATIONS INPUT OUTPUT
// writes N x 2 float32 to OUTPUT and "kl_divergence seconds" to stdout.
#include <cstdio>
#include <fstream>
#include <string_view>

#include "base/str.h"
#include "projector/projector.h"

namespace {

int Run(char** argv) {
  using namespace spirogram;
  const auto points = ParseNumber<int64_t>(argv[1]);
  const auto dims = ParseNumber<int64_t>(argv[2]);
  const auto perplexity = ParseNumber<double>(argv[3]);
  const auto iterations = ParseNumber<int>(argv[4]);
  if (!points || !dims || !perplexity || !iterations || *points < 1 || *dims < 1) return 2;
  std::vector<float> values(static_cast<size_t>(*points * *dims));
  const auto bytes = static_cast<std::streamsize>(values.size() * sizeof(float));
  std::ifstream input(argv[5], std::ios::binary);
  if (!input.read(reinterpret_cast<char*>(values.data()), bytes)) {
    std::fprintf(stderr, "%s: want %td bytes\n", argv[5], static_cast<ptrdiff_t>(bytes));
    return 1;
  }
  projector::TsneOptions options;
  options.perplexity = *perplexity;
  options.iterations = *iterations;
  options.device = projector::Device::kCpu;
  const auto result = projector::ExactTsne({values, *points, *dims}, options, {}, {});
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    return 1;
  }
  std::ofstream output(argv[6], std::ios::binary);
  output.write(reinterpret_cast<const char*>(result->coordinates.data()),
               static_cast<std::streamsize>(result->coordinates.size() * sizeof(float)));
  std::printf("%.6f %.3f\n", result->kl_divergence, result->seconds);
  return output.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 7) return Run(argv);
  std::fprintf(stderr, "usage: %s POINTS DIMS PERPLEXITY ITERATIONS INPUT OUTPUT\n", argv[0]);
  return 2;
}
