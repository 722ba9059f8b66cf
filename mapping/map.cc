#include "mapping/map.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "base/str.h"
#include "projector/finite_rows.h"
#include "projector/threads.h"

namespace spirogram::mapping {
namespace {

using Clock = std::chrono::steady_clock;
using ProgressFunction = std::function<void(const MapProgress&)>;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kManyPoints = 200'000;  // an iteration takes long enough to be told of
constexpr int64_t kQualityPointsMin = 4;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string Mebibytes(int64_t bytes) {
  return StrCat((bytes + (1 << 20) - 1) >> 20, " MiB");
}

projector::UmapOptions UmapOptionsOf(const MapOptions& options) {
  projector::UmapOptions umap = options.umap;
  umap.dims = options.tsne.dims;
  umap.metric = options.tsne.metric;
  umap.seed = options.tsne.seed;
  umap.init = options.tsne.init;
  umap.start = options.tsne.start;
  umap.threads = options.tsne.threads;
  umap.courtesy = options.tsne.courtesy;
  return umap;
}

Status CheckMemory(const Table& table, const MapOptions& options) {
  if (options.method == Method::kPca) return {};
  const auto rows = static_cast<int64_t>(table.values.size() * sizeof(float));
  const int64_t beside =
      options.method == Method::kTsne
          ? projector::TsneMemoryBytes(table.matrix().points, table.dims, options.tsne)
          : projector::UmapMemoryBytes(table.matrix().points, table.dims, UmapOptionsOf(options));
  if (beside <= options.bytes_max - rows) return {};
  return Exhausted(StrCat(MethodFullName(options.method), " of ", table.matrix().points,
                          " points takes up to ", Mebibytes(beside), " beside the ",
                          Mebibytes(rows), " of its rows, want at most ",
                          Mebibytes(options.bytes_max), " in all (--memory-gib)"));
}

Result<Map> ComputePcaMap(const Table& table, const MapOptions& options,
                          const ProgressFunction& progress, const std::stop_token& stop) {
  progress({"principal components", kUnknown, kUnknown});
  const auto start = Clock::now();
  projector::PcaOptions pca;
  pca.components = options.tsne.dims;
  pca.seed = options.tsne.seed;
  pca.threads = options.tsne.threads;
  pca.courtesy = options.tsne.courtesy;
  ASSIGN_OR_RETURN(projector::PcaResult result, projector::Pca(table.matrix(), pca, stop));
  Map map;
  map.device = "cpu";
  map.engine = "covariance";
  map.coordinates = std::move(result.coordinates);
  map.variance_share = std::move(result.variance_share);
  map.seconds.emplace_back("pca", SecondsSince(start));
  return map;
}

Result<Map> ComputeTsneMap(const Table& table, const MapOptions& options,
                           const ProgressFunction& progress, const std::stop_token& stop) {
  progress({"neighbours", kUnknown, kUnknown});
  projector::TsneOptions tsne = options.tsne;
  if (table.points > kManyPoints) tsne.report_interval = 2;
  const auto tell = [&](const projector::TsneProgress& at) {
    progress({"t-SNE", static_cast<double>(at.iteration) / at.iterations, at.kl_divergence});
  };
  ASSIGN_OR_RETURN(projector::TsneResult result, projector::Tsne(table.matrix(), tsne, tell, stop));
  Map map;
  map.device = std::move(result.device);
  map.engine = std::move(result.method);
  map.neighbors = std::move(result.neighbors);
  map.iterations = result.iterations;
  map.kl_divergence = result.kl_divergence;
  map.is_kl_exact = map.engine == "exact";
  map.coordinates = std::move(result.coordinates);
  if (map.device != "cpu") map.seconds.emplace_back("device", result.device_seconds);
  map.seconds.insert(map.seconds.end(), {{"start", result.start_seconds},
                                         {"neighbors", result.neighbor_seconds},
                                         {"affinities", result.affinity_seconds},
                                         {"descent", result.descent_seconds}});
  return map;
}

Result<Map> ComputeUmapMap(const Table& table, const MapOptions& options,
                           const ProgressFunction& progress, const std::stop_token& stop) {
  progress({"neighbours", kUnknown, kUnknown});
  projector::UmapOptions umap = UmapOptionsOf(options);
  if (table.points > kManyPoints) umap.report_interval = 1;
  const auto tell = [&](const projector::UmapProgress& at) {
    progress({"UMAP", static_cast<double>(at.epoch) / at.epochs, kUnknown});
  };
  ASSIGN_OR_RETURN(projector::UmapResult result, projector::Umap(table.matrix(), umap, tell, stop));
  Map map;
  map.device = "cpu";
  map.engine = "sampling";
  map.neighbors = std::move(result.neighbors);
  map.iterations = result.epochs;
  map.coordinates = std::move(result.coordinates);
  map.umap = {result.a, result.b, result.edges, std::move(result.start_fallback)};
  map.seconds = {{"start", result.start_seconds},
                 {"neighbors", result.neighbor_seconds},
                 {"affinities", result.affinity_seconds},
                 {"descent", result.descent_seconds}};
  return map;
}

Result<Map> ComputeMapBy(const Table& table, const MapOptions& options,
                         const ProgressFunction& progress, const std::stop_token& stop) {
  switch (options.method) {
    case Method::kPca:
      return ComputePcaMap(table, options, progress, stop);
    case Method::kTsne:
      return ComputeTsneMap(table, options, progress, stop);
    case Method::kUmap:
      return ComputeUmapMap(table, options, progress, stop);
    case Method::kPlacement:
      break;
  }
  return Internal("a method without a map");
}

std::string WhyNoQuality(const Map& map, const MapOptions& options) {
  if (!options.with_quality) return "--quality off";
  if (map.points < kQualityPointsMin) return StrCat("fewer than ", kQualityPointsMin, " points");
  // Of rows that are near it, the components may lie beyond.
  const auto is_huge = [](float at) { return std::abs(at) > projector::kFiniteMax; };
  if (std::ranges::any_of(map.coordinates, is_huge)) {
    return StrCat("the map has coordinates beyond ", projector::kFiniteMax);
  }
  return {};
}

Status Judge(const Table& table, const MapOptions& options, const ProgressFunction& progress,
             const std::stop_token& stop, Map* map) {
  map->quality_absent = WhyNoQuality(*map, options);
  if (!map->quality_absent.empty()) return {};
  const auto start = Clock::now();
  projector::ThreadPool pool(options.tsne.threads, options.tsne.courtesy);
  projector::QualityOptions quality;
  quality.metric = options.tsne.metric;
  quality.seed = options.tsne.seed;
  ASSIGN_OR_RETURN(map->quality, projector::JudgeMap(table.matrix(), map->view(), nullptr, {},
                                                     quality, &pool, stop, [&](double share) {
                                                       progress({"quality", share, kUnknown});
                                                     }));
  map->seconds.emplace_back("quality", SecondsSince(start));
  return {};
}

}  // namespace

const char* MethodName(Method method) {
  switch (method) {
    case Method::kPca:
      return "pca";
    case Method::kTsne:
      return "tsne";
    case Method::kUmap:
      return "umap";
    case Method::kPlacement:
      return "placement";
  }
  return "unknown";
}

const char* MethodFullName(Method method) {
  switch (method) {
    case Method::kPca:
      return "PCA";
    case Method::kTsne:
      return "t-SNE";
    case Method::kUmap:
      return "UMAP";
    case Method::kPlacement:
      return "placement";
  }
  return "unknown";
}

const char* MetricName(projector::Metric metric) {
  return metric == projector::Metric::kCosine ? "cosine" : "euclidean";
}

void Map::PutBack(std::span<const int64_t> rows) {
  if (rows.empty()) return;
  coordinates = projector::PutRowsBack(rows, dims, coordinates);
  points += std::ssize(rows);
}

double SpanOf(const projector::MatrixView& map) {
  double span = 0;
  for (int64_t axis = 0; axis < map.dims; ++axis) {
    float low = std::numeric_limits<float>::infinity();
    float high = -low;
    for (size_t at = static_cast<size_t>(axis); at < map.values.size();
         at += static_cast<size_t>(map.dims)) {
      low = std::min(low, map.values[at]);
      high = std::max(high, map.values[at]);
    }
    span = std::max(span, static_cast<double>(high) - low);
  }
  return span;
}

Result<Map> ComputeMap(const Table& table, const MapOptions& options,
                       const ProgressFunction& progress, const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckMemory(table, options));
  ASSIGN_OR_RETURN(Map map, ComputeMapBy(table, options, progress, stop));
  map.method = options.method;
  map.points = table.matrix().points;
  map.dims = options.tsne.dims;
  map.span = SpanOf(map.view());
  RETURN_IF_ERROR(Judge(table, options, progress, stop, &map));
  map.PutBack(table.left_out);
  return map;
}

}  // namespace spirogram::mapping
