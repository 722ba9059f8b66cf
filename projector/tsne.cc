#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <utility>

#include "base/str.h"
#include "gpu/library.h"
#include "projector/engine.h"
#include "projector/neighbors.h"
#include "projector/particle_mesh.h"
#include "projector/projector.h"
#include "projector/sparse_affinity.h"
#include "projector/tsne_descent.h"
#include "projector/tsne_options.h"

namespace spirogram::projector {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of neighbours in cells. A hundredth of them missing, mostly far ones, moves the KL divergence of
// MNIST's map by 0.003 and saves a third of the search.
constexpr double kRecall = 0.99;

// The method for the options: kAuto is resolved.
TsneOptions::Method MethodFor(int64_t points, const TsneOptions& options) {
  if (options.method != TsneOptions::Method::kAuto) return options.method;
  const bool suits_exact = options.affinity == TsneOptions::Affinity::kPerplexity &&
                           options.metric == Metric::kEuclidean;
  return suits_exact && points <= kAutoExactPointsMax ? TsneOptions::Method::kExact
                                                      : TsneOptions::Method::kParticleMesh;
}

Status CheckMesh(int64_t points, const TsneOptions& options) {
  if (points < kTsnePointsMin || points > kTsnePointsMax) {
    return InvalidArgument(
        StrCat("t-SNE: got ", points, " points, want ", kTsnePointsMin, " to ", kTsnePointsMax));
  }
  RETURN_IF_ERROR(CheckTsneOptions(points, options));
  if (options.device == Device::kCuda && !gpu::Library::Get().ok()) {
    return gpu::Library::Get().error();  // before the CPU works for nothing
  }
  return {};
}

AffinityKind KindFor(const TsneOptions& options) {
  AffinityKind kind;
  kind.perplexity = options.perplexity;
  if (options.affinity == TsneOptions::Affinity::kUniform) {
    kind.uniform_neighbors = options.uniform_neighbors;
  }
  return kind;
}

Result<SparseAffinities> Affinities(NeighborGraph graph, const AffinityKind& kind, ThreadPool* pool,
                                    const std::stop_token& stop) {
  return kind.uniform_neighbors > 0
             ? UniformAffinities(std::move(graph), kind.uniform_neighbors, pool, stop)
             : PerplexityAffinities(std::move(graph), kind.perplexity, pool, stop);
}

// The descent on an engine whose making, affinities included, began at `begin`.
Result<TsneResult> RunEngine(TsneEngine* engine, Clock::time_point begin, int64_t points,
                             const TsneOptions& options,
                             const std::function<void(const TsneProgress&)>& progress,
                             const std::stop_token& stop) {
  const double affinity_seconds = SecondsSince(begin);
  ASSIGN_OR_RETURN(TsneResult result, Descend(points, options, engine, progress, stop));
  result.method = "particle mesh";
  result.affinity_seconds = affinity_seconds;
  return result;
}

Result<TsneResult> RunMeshOnGpu(const NeighborGraph& graph, const MapPoints& start,
                                const TsneOptions& options,
                                const std::function<void(const TsneProgress&)>& progress,
                                const std::stop_token& stop) {
  const auto begin = Clock::now();
  ASSIGN_OR_RETURN(const std::unique_ptr<TsneEngine> engine,
                   MakeCudaEngineOfNeighbors(graph, KindFor(options), start,
                                             TsneGridSpacing(start.points, options)));
  return RunEngine(engine.get(), begin, start.points, options, progress, stop);
}

Result<TsneResult> RunMesh(NeighborGraph graph, const MapPoints& start, const TsneOptions& options,
                           ThreadPool* pool,
                           const std::function<void(const TsneProgress&)>& progress,
                           const std::stop_token& stop) {
  const std::string found_by = graph.method;
  if (options.device != Device::kCpu) {
    auto result = RunMeshOnGpu(graph, start, options, progress, stop);
    if (result.ok()) result->neighbors = found_by;
    // A GPU whose memory the training job holds, or comes to hold, is as good as none: the CPU
    // serves.
    const bool is_final = result.ok() || options.device == Device::kCuda ||
                          result.error().code == ErrorCode::kCancelled ||
                          result.error().code == ErrorCode::kInvalidArgument;
    if (is_final) return result;
  }
  const auto begin = Clock::now();
  ASSIGN_OR_RETURN(SparseAffinities affinities,
                   Affinities(std::move(graph), KindFor(options), pool, stop));
  const auto engine =
      MakeSparseEngine(std::move(affinities), start, TsneGridSpacing(start.points, options), pool,
                       TsneCadence(start.points));
  ASSIGN_OR_RETURN(TsneResult result,
                   RunEngine(engine.get(), begin, start.points, options, progress, stop));
  result.neighbors = found_by;
  return result;
}

Result<TsneResult> MeshTsne(const MatrixView& matrix, const TsneOptions& options,
                            const std::function<void(const TsneProgress&)>& progress,
                            const std::stop_token& stop) {
  const auto begin = Clock::now();
  ThreadPool pool(options.threads, options.courtesy);
  ASSIGN_OR_RETURN(const MapPoints start, TsneStart(matrix, options, stop));
  const double start_seconds = SecondsSince(begin);
  NeighborOptions nearest;
  nearest.neighbors = TsneNeighbors(matrix.points, options);
  nearest.metric = options.metric;
  nearest.seed = options.seed;
  nearest.recall = kRecall;
  nearest.device = options.device;
  ASSIGN_OR_RETURN(NeighborGraph graph, NearestNeighbors(matrix, nearest, &pool, stop, {}));
  const double neighbor_seconds = SecondsSince(begin) - start_seconds;
  ASSIGN_OR_RETURN(TsneResult result,
                   RunMesh(std::move(graph), start, options, &pool, progress, stop));
  result.start_seconds = start_seconds;
  result.neighbor_seconds = neighbor_seconds;
  result.seconds = SecondsSince(begin);
  return result;
}

Result<TsneResult> CheckedMeshTsne(const MatrixView& matrix, const TsneOptions& options,
                                   const std::function<void(const TsneProgress&)>& progress,
                                   const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckMesh(matrix.points, options));
  try {
    return MeshTsne(matrix, options, progress, stop);
  } catch (const std::bad_alloc&) {
    return Exhausted(StrCat("t-SNE: no memory for ", matrix.points, " points (about ",
                            TsneMemoryBytes(matrix.points, matrix.dims, options), " bytes)"));
  }
}

}  // namespace

int64_t TsneMemoryBytes(int64_t points, int64_t matrix_dims, const TsneOptions& options) {
  if (MethodFor(points, options) == TsneOptions::Method::kExact) {
    return 4 * points * points + (int64_t{1} << 24);
  }
  constexpr int64_t kEdgeBytes = 8;
  constexpr int64_t kPointBytes = 160;  // map, velocities, gains, forces, orders
  // In the worst case no two points name each other, and P has twice the neighbours' edges. The
  // neighbours, their transpose and P are there at one time.
  const int neighbors = TsneNeighbors(points, options);
  const int64_t edges = int64_t{neighbors} * points;
  const int64_t mesh = options.dims == 2 ? int64_t{300} << 20 : int64_t{450} << 20;
  return std::max(NeighborMemoryBytes(points, matrix_dims, neighbors),
                  4 * kEdgeBytes * edges + mesh) +
         kPointBytes * points;
}

Result<TsneResult> Tsne(const MatrixView& matrix, const TsneOptions& options,
                        const std::function<void(const TsneProgress&)>& progress,
                        std::stop_token stop) {  // NOLINT: a value, as for std::jthread
  const double device_seconds = options.device == Device::kCpu ? 0 : gpu::WakeDevice();
  ASSIGN_OR_RETURN(TsneResult result,
                   MethodFor(matrix.points, options) == TsneOptions::Method::kExact
                       ? ExactTsne(matrix, options, progress, stop)
                       : CheckedMeshTsne(matrix, options, progress, stop));
  result.device_seconds = device_seconds;
  return result;
}

}  // namespace spirogram::projector
