#include <chrono>
#include <new>
#include <utility>

#include "base/str.h"
#include "gpu/library.h"
#include "projector/engine.h"
#include "projector/matrix.h"
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

// The method for the options: kAuto is resolved.
TsneOptions::Method MethodFor(int64_t points, const TsneOptions& options) {
  if (options.method != TsneOptions::Method::kAuto) return options.method;
  const bool suits_exact = options.affinity == TsneOptions::Affinity::kPerplexity &&
                           options.metric == Metric::kEuclidean;
  const bool has_gpu = options.device != Device::kCpu && gpu::Library::Get().ok();
  const bool is_small = points <= (has_gpu ? kExactTsnePointsMax : kAutoExactPointsMax);
  // Who asks for the GPU gets it, or is told why not.
  const bool wants_gpu = options.device == Device::kCuda && points <= kExactTsnePointsMax;
  return suits_exact && (is_small || wants_gpu) ? TsneOptions::Method::kExact
                                                : TsneOptions::Method::kParticleMesh;
}

Status CheckMesh(int64_t points, const TsneOptions& options) {
  if (points < 2 || points > kTsnePointsMax) {
    return InvalidArgument(StrCat("t-SNE: got ", points, " points, want 2 to ", kTsnePointsMax));
  }
  RETURN_IF_ERROR(CheckTsneOptions(points, options));
  if (options.device != Device::kCuda) return {};
  return Unavailable(StrCat("t-SNE of ", points, " points runs on the CPU: the GPU takes up to ",
                            kExactTsnePointsMax, ", exactly"));
}

Result<SparseAffinities> Affinities(NeighborGraph graph, const TsneOptions& options,
                                    ThreadPool* pool, const std::stop_token& stop) {
  return options.affinity == TsneOptions::Affinity::kUniform
             ? UniformAffinities(std::move(graph), options.uniform_neighbors, pool, stop)
             : PerplexityAffinities(std::move(graph), options.perplexity, pool, stop);
}

Result<TsneResult> RunMesh(NeighborGraph graph, const MapPoints& start, const TsneOptions& options,
                           ThreadPool* pool,
                           const std::function<void(const TsneProgress&)>& progress,
                           const std::stop_token& stop) {
  const auto begin = Clock::now();
  const std::string found_by = graph.method;
  ASSIGN_OR_RETURN(SparseAffinities affinities, Affinities(std::move(graph), options, pool, stop));
  const double affinity_seconds = SecondsSince(begin);
  const auto engine =
      MakeSparseEngine(std::move(affinities), start, TsneGridSpacing(start.points, options), pool);
  ASSIGN_OR_RETURN(TsneResult result, Descend(start.points, options, engine.get(), progress, stop));
  result.method = "particle mesh";
  result.neighbors = found_by;
  result.affinity_seconds = affinity_seconds;
  return result;
}

Result<TsneResult> MeshTsne(const MatrixView& matrix, const TsneOptions& options,
                            const std::function<void(const TsneProgress&)>& progress,
                            const std::stop_token& stop) {
  const auto begin = Clock::now();
  ThreadPool pool(options.threads, options.yields);
  ASSIGN_OR_RETURN(const MapPoints start, TsneStart(matrix, options, stop));
  const double start_seconds = SecondsSince(begin);
  NeighborOptions nearest;
  nearest.neighbors = TsneNeighbors(matrix.points, options);
  nearest.metric = options.metric;
  nearest.seed = options.seed;
  ASSIGN_OR_RETURN(NeighborGraph graph, NearestNeighbors(matrix, nearest, &pool, stop, {}));
  const double neighbor_seconds = SecondsSince(begin) - start_seconds;
  ASSIGN_OR_RETURN(TsneResult result,
                   RunMesh(std::move(graph), start, options, &pool, progress, stop));
  result.start_seconds = start_seconds;
  result.neighbor_seconds = neighbor_seconds;
  result.seconds = SecondsSince(begin);
  return result;
}

}  // namespace

int64_t TsneMemoryBytes(int64_t points, const TsneOptions& options) {
  if (MethodFor(points, options) == TsneOptions::Method::kExact) {
    return 4 * points * points + (int64_t{1} << 24);
  }
  constexpr int64_t kEdgeBytes = 8;
  constexpr int64_t kPointBytes = 160;  // map, velocities, gains, forces, orders
  // In the worst case no two points name each other, and P has twice the neighbours' edges. The
  // neighbours, their transpose and P are there at one time.
  const int64_t edges = int64_t{TsneNeighbors(points, options)} * points;
  const int64_t mesh = options.dims == 2 ? int64_t{300} << 20 : int64_t{450} << 20;
  return 4 * kEdgeBytes * edges + kPointBytes * points + mesh;
}

Result<TsneResult> Tsne(const MatrixView& matrix, const TsneOptions& options,
                        const std::function<void(const TsneProgress&)>& progress,
                        std::stop_token stop) {  // NOLINT: a value, as for std::jthread
  if (MethodFor(matrix.points, options) == TsneOptions::Method::kExact) {
    return ExactTsne(matrix, options, progress, std::move(stop));
  }
  RETURN_IF_ERROR(CheckMesh(matrix.points, options));
  RETURN_IF_ERROR(CheckMatrix(matrix));
  try {
    return MeshTsne(matrix, options, progress, stop);
  } catch (const std::bad_alloc&) {
    return Exhausted(StrCat("t-SNE: no memory for ", matrix.points, " points (about ",
                            TsneMemoryBytes(matrix.points, options), " bytes)"));
  }
}

}  // namespace spirogram::projector
