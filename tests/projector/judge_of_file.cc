// Judges a map and an embedding for other programs to compare with:
//   judge_of_file POINTS DIMS MATRIX MAP LABELS NEIGHBORS OUTPUT
// MATRIX is POINTS x DIMS float32, MAP POINTS x 2 float32, LABELS POINTS int32. Prints "name value"
// lines; writes to OUTPUT, as float32, each row's NEIGHBORS nearest rows, their distances, and its
// cluster.
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/str.h"
#include "projector/quality.h"
#include "projector/statistics.h"

namespace {

using namespace spirogram;             // NOLINT
using namespace spirogram::projector;  // NOLINT

template <typename T>
std::vector<T> Read(const char* path, int64_t size) {
  std::vector<T> values(static_cast<size_t>(size));
  std::ifstream input(path, std::ios::binary);
  input.read(reinterpret_cast<char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!input) values.clear();
  return values;
}

void Print(std::string_view name, double value) {
  std::printf("%.*s %.9g\n", static_cast<int>(name.size()), name.data(), value);
}

Status Judge(const MatrixView& matrix, const MatrixView& map, std::span<const int32_t> labels,
             int neighbors, const char* path) {
  ThreadPool pool(0);
  NeighborOptions options;
  options.neighbors = neighbors;
  ASSIGN_OR_RETURN(const NeighborGraph graph, NearestNeighbors(matrix, options, &pool, {}, {}));
  ASSIGN_OR_RETURN(const MapQuality quality,
                   JudgeMap(matrix, map, nullptr, labels, {}, &pool, {}, {}));
  ASSIGN_OR_RETURN(const EmbeddingStatistics statistics,
                   ComputeStatistics(matrix, graph, nullptr, {}, &pool, {}));
  Print("trustworthiness", quality.trustworthiness.value);
  Print("continuity", quality.continuity.value);
  Print("recall_10", quality.recall_10.value);
  Print("class_accuracy", quality.class_accuracy->value);
  Print("spearman", quality.spearman.value);
  Print("rankme_raw", statistics.spectrum.rankme_raw);
  Print("participation_ratio", statistics.spectrum.participation_ratio);
  Print("silhouette", statistics.clusters.silhouette);
  Print("clusters", statistics.clusters.clusters);
  Print("within_share", statistics.clusters.within_share);
  std::vector<float> out(graph.indices.begin(), graph.indices.end());
  out.insert(out.end(), graph.distances.begin(), graph.distances.end());
  out.insert(out.end(), statistics.clusters.assignment.begin(),
             statistics.clusters.assignment.end());
  std::ofstream output(path, std::ios::binary);
  output.write(reinterpret_cast<const char*>(out.data()),
               static_cast<std::streamsize>(out.size() * sizeof(float)));
  if (!output.flush()) return ErrnoError(StrCat("write ", path), errno);
  return {};
}

int Run(char** argv) {
  const auto points = ParseNumber<int64_t>(argv[1]);
  const auto dims = ParseNumber<int64_t>(argv[2]);
  const auto neighbors = ParseNumber<int>(argv[6]);
  if (!points || !dims || !neighbors || *points < 1 || *dims < 1) return 2;
  const std::vector<float> matrix = Read<float>(argv[3], *points * *dims);
  const std::vector<float> map = Read<float>(argv[4], *points * 2);
  const std::vector<int32_t> labels = Read<int32_t>(argv[5], *points);
  const Status status =
      Judge({matrix, *points, *dims}, {map, *points, 2}, labels, *neighbors, argv[7]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().ToString().c_str());
  return status.ok() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 8) return Run(argv);
  std::fprintf(stderr, "usage: %s POINTS DIMS MATRIX MAP LABELS NEIGHBORS OUTPUT\n", argv[0]);
  return 2;
}
