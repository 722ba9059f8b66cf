// Draws a t-SNE map of a matrix and says where the time went, for comparisons with other programs:
//   tsne_seconds MATRIX.npy MAP.npy [--iterations N] [--perplexity X] [--threads N] [--spacing H]
//                [--dims D] [--seed N] [--uniform K]
// MATRIX is N x D float32 in C order; MAP is written as N x d float32. The answer on stdout is
// JSON.
#include <sys/resource.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/str.h"
#include "bench/projector/npy.h"
#include "projector/projector.h"

namespace {

using spirogram::Array;
using spirogram::ParseNumber;
using spirogram::ReadNpy;
using spirogram::WriteNpy;
namespace projector = spirogram::projector;

bool SetOption(std::string_view name, const char* text, projector::TsneOptions* options) {
  const auto number = ParseNumber<double>(text);
  if (!number) return false;
  const auto integer = static_cast<int>(*number);
  if (name == "--iterations")
    options->iterations = integer;
  else if (name == "--perplexity")
    options->perplexity = *number;
  else if (name == "--threads")
    options->threads = integer;
  else if (name == "--spacing")
    options->grid_spacing = *number;
  else if (name == "--dims")
    options->dims = integer;
  else if (name == "--seed")
    options->seed = static_cast<uint64_t>(integer);
  else if (name == "--exact")
    options->method = integer != 0 ? projector::TsneOptions::Method::kExact
                                   : projector::TsneOptions::Method::kParticleMesh;
  else if (name == "--uniform") {
    options->affinity = projector::TsneOptions::Affinity::kUniform;
    options->uniform_neighbors = integer;
  } else {
    return false;
  }
  return true;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int Run(int argc, char** argv) {
  projector::TsneOptions options;
  options.device = projector::Device::kCpu;
  for (int at = 3; at + 1 < argc; at += 2) {
    if (SetOption(argv[at], argv[at + 1], &options)) continue;
    std::fprintf(stderr, "unknown option or value: %s %s\n", argv[at], argv[at + 1]);
    return 2;
  }
  const std::optional<Array> array = ReadNpy(argv[1]);
  if (!array) {
    std::fprintf(stderr, "%s: not an N x D float32 .npy in C order\n", argv[1]);
    return 1;
  }
  const double cpu_before = CpuSeconds();
  const auto map = projector::Tsne({array->values, array->rows, array->columns}, options, {}, {});
  if (!map.ok()) {
    std::fprintf(stderr, "%s\n", map.error().ToString().c_str());
    return 1;
  }
  const double cpu = CpuSeconds() - cpu_before;
  if (!WriteNpy(argv[2], map->coordinates, array->rows, options.dims)) {
    std::fprintf(stderr, "%s: cannot be written\n", argv[2]);
    return 1;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"method\":\"%s\",\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"start\":%.3f,"
      "\"neighbors\":%.3f,\"affinities\":%.3f,\"descent\":%.3f,\"kl\":%.5f,\"iterations\":%d,"
      "\"grid_spacing\":%g,\"peak_mb\":%.0f}\n",
      map->method.c_str(), map->seconds, cpu, map->start_seconds, map->neighbor_seconds,
      map->affinity_seconds, map->descent_seconds, map->kl_divergence, map->iterations,
      map->grid_spacing, static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 3 && argc % 2 == 1) return Run(argc, argv);
  std::fprintf(stderr, "usage: %s MATRIX.npy MAP.npy [--OPTION VALUE]...\n", argv[0]);
  return 2;
}
