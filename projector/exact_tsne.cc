#include <chrono>
#include <new>
#include <utility>

#include "base/str.h"
#include "gpu/library.h"
#include "projector/affinity.h"
#include "projector/engine.h"
#include "projector/matrix.h"
#include "projector/projector.h"
#include "projector/tsne_descent.h"
#include "projector/tsne_options.h"

namespace spirogram::projector {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Status CheckExact(int64_t points, const TsneOptions& options) {
  // Few points come here unasked: that the exact method has an end as well would only confuse.
  if (points < kTsnePointsMin) {
    return InvalidArgument(
        StrCat("t-SNE: got ", points, " points, want at least ", kTsnePointsMin));
  }
  if (points > kExactTsnePointsMax) {
    return InvalidArgument(StrCat("t-SNE: got ", points, " points, want ", kTsnePointsMin, " to ",
                                  kExactTsnePointsMax));
  }
  if (options.affinity != TsneOptions::Affinity::kPerplexity ||
      options.metric != Metric::kEuclidean) {
    return InvalidArgument("t-SNE: the exact method takes a perplexity and Euclidean distances");
  }
  return CheckTsneOptions(points, options);
}

Result<std::unique_ptr<TsneEngine>> MakeEngine(const TsneOptions& options, MapPoints map,
                                               std::vector<float> affinities, ThreadPool* pool,
                                               const std::stop_token& stop) {
  if (options.device != Device::kCpu) {
    auto engine = MakeCudaEngine(affinities, map, pool, stop);
    // A GPU whose memory the training job holds is as good as none: the CPU serves.
    if (engine.ok() || options.device == Device::kCuda) return engine;
    if (engine.error().code == ErrorCode::kCancelled) return engine;
  }
  return MakeCpuEngine(std::move(affinities), std::move(map), pool);
}

Result<TsneResult> Run(const MatrixView& matrix, const TsneOptions& options,
                       const std::function<void(const TsneProgress&)>& progress,
                       const std::stop_token& stop) {
  const auto start = Clock::now();
  ThreadPool pool(options.threads, options.courtesy);
  ASSIGN_OR_RETURN(MapPoints map, TsneStart(matrix, options, stop));
  const double start_seconds = SecondsSince(start);
  ASSIGN_OR_RETURN(std::vector<float> affinities,
                   ComputeAffinities(matrix, options.perplexity, &pool, stop));
  const double affinity_seconds = SecondsSince(start) - start_seconds;
  ASSIGN_OR_RETURN(const std::unique_ptr<TsneEngine> engine,
                   MakeEngine(options, std::move(map), std::move(affinities), &pool, stop));
  ASSIGN_OR_RETURN(TsneResult result,
                   Descend(matrix.points, options, engine.get(), progress, stop));
  result.method = "exact";
  result.start_seconds = start_seconds;
  result.affinity_seconds = affinity_seconds;
  result.seconds = SecondsSince(start);
  return result;
}

}  // namespace

Result<TsneResult> ExactTsne(const MatrixView& matrix, const TsneOptions& options,
                             const std::function<void(const TsneProgress&)>& progress,
                             std::stop_token stop) {  // NOLINT: a value, as for std::jthread
  RETURN_IF_ERROR(CheckExact(matrix.points, options));
  RETURN_IF_ERROR(CheckMatrix(matrix));
  if (options.device == Device::kCuda && !gpu::Library::Get().ok()) {
    return gpu::Library::Get().error();  // before the CPU works for nothing
  }
  try {
    return Run(matrix, options, progress, stop);
  } catch (const std::bad_alloc&) {
    return Exhausted(StrCat("t-SNE: no memory for the affinities of ", matrix.points, " points (",
                            matrix.points * matrix.points * 4, " bytes)"));
  }
}

}  // namespace spirogram::projector
