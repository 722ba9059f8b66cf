// A table in, a map with its quality out. Blocks; not thread-safe for one table.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/table.h"
#include "projector/projector.h"
#include "projector/quality.h"
#include "projector/umap.h"

namespace spirogram::mapping {

// Of kPlacement: placement.h; ComputeMap takes the others.
enum class Method { kPca, kTsne, kUmap, kPlacement };
const char* MethodName(Method method);      // "pca"
const char* MethodFullName(Method method);  // "PCA"
const char* MetricName(projector::Metric metric);

struct MapOptions {
  Method method = Method::kTsne;
  // Its dims, seed, threads and metric (of PCA: of the quality alone) are those of every method;
  // its start is UMAP's too.
  projector::TsneOptions tsne;
  projector::UmapOptions umap;  // what is UMAP's alone
  bool with_quality = true;
  int64_t bytes_max = INT64_MAX;  // of the rows and what the method needs beside them
};

// What is being done; `share` of it, NaN where unknown; the KL divergence, NaN until measured.
struct MapProgress {
  std::string_view stage;
  double share = 0;
  double kl_divergence = 0;
};

// What UMAP made of its options and the rows.
struct UmapFigures {
  double a = 0;  // of the curve 1 / (1 + a distance^2b)
  double b = 0;
  int64_t edges = 0;           // pairs of its fuzzy set
  std::string start_fallback;  // as projector::UmapResult::start_fallback
};

// What rows were placed onto, and how well.
struct PlacementFigures {
  std::string reference;
  int64_t reference_points = 0;
  int neighbors = 0;  // that are compared
  // The mean share of a row's nearest reference rows that are among its nearest on the map.
  double recall = 0;
};

struct Map {
  Method method = Method::kTsne;
  int64_t points = 0;
  int dims = 0;
  std::vector<float> coordinates;  // N x d; NaN of rows that are left out
  std::string device;
  std::string engine;     // "exact", "particle mesh"; "covariance" of PCA, "sampling" of UMAP
  std::string neighbors;  // how they were found; empty where none were looked for
  int iterations = 0;     // epochs of UMAP
  std::optional<double> kl_divergence;  // of t-SNE, in nats
  bool is_kl_exact = false;             // over all pairs; else of the neighbours' affinities
  std::vector<double> variance_share;   // of PCA
  std::optional<UmapFigures> umap;      // of UMAP
  std::optional<PlacementFigures> placement;
  double span = 0;  // the largest extent along an axis
  std::optional<projector::MapQuality> quality;
  std::string quality_absent;  // why, where it is
  // By stage, in the order of the work; read and write are the caller's.
  std::vector<std::pair<std::string, double>> seconds;

  projector::MatrixView view() const { return {coordinates, points, dims}; }
  // Gives rows that the map was drawn without their numbers back, with NaN as their places.
  void PutBack(std::span<const int64_t> rows);
};

// kInvalidArgument (options out of range, too few rows), kExhausted (memory), kUnavailable (no GPU
// for what wants one), kCancelled within some milliseconds of a request to stop.
Result<Map> ComputeMap(const Table& table, const MapOptions& options,
                       const std::function<void(const MapProgress&)>& progress,
                       const std::stop_token& stop);

// The largest extent along an axis.
double SpanOf(const projector::MatrixView& map);

// What this machine has left for the program, in bytes: the system's available memory, or less
// where a control group allows less.
int64_t AvailableMemoryBytes();

}  // namespace spirogram::mapping
