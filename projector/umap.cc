#include "projector/umap.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>
#include <utility>

#include "base/str.h"
#include "projector/fuzzy_set.h"
#include "projector/graph_spectrum.h"
#include "projector/matrix.h"
#include "projector/neighbors.h"
#include "projector/threads.h"
#include "projector/umap_curve.h"
#include "projector/umap_layout.h"
#include "projector/umap_options.h"
#include "projector/umap_order.h"

namespace spirogram::projector {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Result<NeighborGraph> Others(const MatrixView& matrix, const UmapOptions& options, ThreadPool* pool,
                             const std::stop_token& stop) {
  NeighborOptions nearest;
  nearest.neighbors = options.neighbors - 1;  // without the point itself
  nearest.metric = options.metric;
  nearest.seed = options.seed;
  return NearestNeighbors(matrix, nearest, pool, stop, {});
}

// Runs the epochs; fills the coordinates and the epochs of the result.
Status Descend(UmapLayout* layout, int64_t points, const UmapOptions& options, ThreadPool* pool,
               const std::function<void(const UmapProgress&)>& progress,
               const std::stop_token& stop, UmapResult* result) {
  const auto goal = [&] {
    return options.goal == nullptr ? UmapEpochs(points, options)
                                   : options.goal->load(std::memory_order_relaxed);
  };
  bool is_last = false;
  for (int done = 1; !is_last; ++done) {
    const int epoch = options.epochs_before + done - 1;
    const double all = options.epochs_before + std::max(goal(), done);
    const double left = 1 - epoch / all;
    if (!layout->Step(epoch, options.learning_rate * left, pool, stop)) {
      return Cancelled("UMAP: stop requested");
    }
    const int epochs = goal();
    is_last = done >= epochs;
    result->epochs = done;
    if (progress && (is_last || done % options.report_interval == 0)) {
      progress({done, epochs, layout->coordinates()});
    }
  }
  const std::span<const float> map = layout->coordinates();
  for (size_t at = 0; at < map.size(); ++at) {
    if (std::isfinite(map[at])) continue;
    return Internal(
        StrCat("UMAP: the map diverged at row ", at / static_cast<size_t>(options.dims)));
  }
  result->coordinates.assign(map.begin(), map.end());
  return {};
}

Result<UmapResult> Run(const MatrixView& matrix, const UmapOptions& options,
                       const std::function<void(const UmapProgress&)>& progress,
                       const std::stop_token& stop) {
  const auto begin = Clock::now();
  ThreadPool pool(options.threads, options.courtesy);
  UmapResult result;
  ASSIGN_OR_RETURN(std::vector<float> start, UmapStart(matrix, options, stop));
  result.start_seconds = SecondsSince(begin);

  const auto neighbor_begin = Clock::now();
  ASSIGN_OR_RETURN(NeighborGraph graph, Others(matrix, options, &pool, stop));
  result.neighbors = graph.method;
  result.neighbor_seconds = SecondsSince(neighbor_begin);

  const auto set_begin = Clock::now();
  const UmapOrder order = UmapOrderFor(graph, options.metric, options.dims);
  ASSIGN_OR_RETURN(SymmetricEdges edges, FuzzySet(std::move(graph), &pool, stop));
  result.edges = std::ssize(edges.columns) / 2;
  result.affinity_seconds = SecondsSince(set_begin);
  if (options.init == TsneOptions::Init::kSpectral) {
    const auto spectral_begin = Clock::now();
    ASSIGN_OR_RETURN(start,
                     SpectralUmapStart(edges, start, options, &pool, stop, &result.start_fallback));
    result.start_seconds += SecondsSince(spectral_begin);
  }

  const auto descent_begin = Clock::now();
  const UmapCurve curve = FitUmapCurve(options.min_dist, options.spread);
  result.a = curve.a;
  result.b = curve.b;
  UmapLayout layout(std::move(edges), std::move(start),
                    {options.dims, curve, options.negative_samples, options.seed, order});
  RETURN_IF_ERROR(Descend(&layout, matrix.points, options, &pool, progress, stop, &result));
  result.descent_seconds = SecondsSince(descent_begin);
  result.seconds = SecondsSince(begin);
  return result;
}

}  // namespace

int64_t UmapMemoryBytes(int64_t points, int64_t matrix_dims, const UmapOptions& options) {
  constexpr int64_t kEdgeBytes = 8;
  constexpr int64_t kFixedBytes = int64_t{64} << 20;  // blocks of PCA
  // As t-SNE's (tsne.cc): the neighbours, their transpose and the set are there at one time.
  const int64_t edges = int64_t{options.neighbors - 1} * points;
  const int64_t map = 4 * static_cast<int64_t>(sizeof(float)) * options.dims * points;
  const int64_t spectrum =
      options.init == TsneOptions::Init::kSpectral ? GraphSpectrumBytes(points) : 0;
  return std::max({NeighborMemoryBytes(points, matrix_dims, options.neighbors - 1),
                   4 * kEdgeBytes * edges + kFixedBytes, 2 * kEdgeBytes * edges + spectrum}) +
         map + 64 * points;
}

Result<UmapResult> Umap(const MatrixView& matrix, const UmapOptions& options,
                        const std::function<void(const UmapProgress&)>& progress,
                        std::stop_token stop) {  // NOLINT: a value, as for std::jthread
  RETURN_IF_ERROR(CheckUmapOptions(matrix.points, options));
  RETURN_IF_ERROR(CheckMatrix(matrix));
  try {
    return Run(matrix, options, progress, stop);
  } catch (const std::bad_alloc&) {
    return Exhausted(StrCat("UMAP: no memory for ", matrix.points, " points (about ",
                            UmapMemoryBytes(matrix.points, matrix.dims, options), " bytes)"));
  }
}

}  // namespace spirogram::projector
