#include <chrono>
#include <cmath>
#include <limits>
#include <new>
#include <optional>
#include <utility>

#include "base/str.h"
#include "gpu/library.h"
#include "projector/affinity.h"
#include "projector/engine.h"
#include "projector/init.h"
#include "projector/matrix.h"
#include "projector/projector.h"

namespace spirogram::projector {
namespace {

// The exact KL divergence costs about as much as two iterations on a CPU.
constexpr int kKlInterval = 50;

Status CheckOptions(const MatrixView& matrix, const TsneOptions& options) {
  const int64_t points = matrix.points;
  if (points < 2 || points > kExactTsnePointsMax) {
    return InvalidArgument(
        StrCat("t-SNE: got ", points, " points, want 2 to ", kExactTsnePointsMax));
  }
  if (options.dims != 2 && options.dims != 3) {
    return InvalidArgument(StrCat("t-SNE: got ", options.dims, " dims, want 2 or 3"));
  }
  const double perplexity_max = static_cast<double>(points - 1) / 3;
  if (!(options.perplexity >= 1 && options.perplexity <= perplexity_max)) {
    return InvalidArgument(StrCat("t-SNE: got perplexity ", options.perplexity, ", want 1 to ",
                                  perplexity_max, ", a third of the other points"));
  }
  if (options.iterations < 1 || options.early_exaggeration_iterations < 0) {
    return InvalidArgument(StrCat("t-SNE: got ", options.iterations, " iterations, ",
                                  options.early_exaggeration_iterations,
                                  " of them exaggerated, want at least 1 and 0"));
  }
  if (!(options.early_exaggeration >= 1 && options.early_exaggeration <= 1000)) {
    return InvalidArgument(
        StrCat("t-SNE: got early exaggeration ", options.early_exaggeration, ", want 1 to 1000"));
  }
  if (options.report_interval < 1 || options.threads < 0) {
    return InvalidArgument(StrCat("t-SNE: got report interval ", options.report_interval, " and ",
                                  options.threads, " threads, want at least 1 and 0"));
  }
  return {};
}

Result<std::unique_ptr<TsneEngine>> MakeEngine(const MatrixView& matrix, const TsneOptions& options,
                                               ThreadPool* pool, const std::stop_token& stop) {
  if (options.device == Device::kCuda && !gpu::Library::Get().ok()) {
    return gpu::Library::Get().error();  // before the CPU works for nothing
  }
  MapPoints map = RandomInit(matrix.points, options.dims, options.seed);
  if (options.init == TsneOptions::Init::kPca) {
    ASSIGN_OR_RETURN(map, PcaInit(matrix, options.dims, options.seed, stop));
  }
  ASSIGN_OR_RETURN(std::vector<float> affinities,
                   ComputeAffinities(matrix, options.perplexity, pool, stop));
  if (options.device != Device::kCpu) {
    auto engine = MakeCudaEngine(affinities, map, pool, stop);
    // A GPU whose memory the training job holds is as good as none: the CPU serves.
    if (engine.ok() || options.device == Device::kCuda) return engine;
    if (engine.error().code == ErrorCode::kCancelled) return engine;
  }
  return MakeCpuEngine(std::move(affinities), std::move(map), pool);
}

// Runs the schedule on an engine, measures and reports.
class Descent {
 public:
  Descent(const MatrixView& matrix, const TsneOptions& options, TsneEngine* engine)
      : points_(matrix.points), options_(options), engine_(engine) {
    result_.coordinates.resize(static_cast<size_t>(matrix.points * options.dims));
    result_.kl_divergence = std::numeric_limits<double>::quiet_NaN();
    result_.iterations = options.iterations;
    result_.device = engine->device();
  }

  Result<TsneResult> Run(const std::function<void(const TsneProgress&)>& progress,
                         const std::stop_token& stop) {
    for (int done = 1; done <= options_.iterations; ++done) {
      RETURN_IF_ERROR(engine_->Step(StepAt(done - 1, points_, options_), stop));
      const bool is_last = done == options_.iterations;
      if (is_last || done % kKlInterval == 0) RETURN_IF_ERROR(Measure(done, stop));
      const bool is_reported = progress && (is_last || done % options_.report_interval == 0);
      if (is_last || is_reported) {
        RETURN_IF_ERROR(engine_->ReadCoordinates(result_.coordinates));
      }
      if (is_reported) {
        progress({done, options_.iterations, result_.kl_divergence, result_.coordinates});
      }
    }
    return std::move(result_);
  }

 private:
  Status Measure(int iteration, const std::stop_token& stop) {
    ASSIGN_OR_RETURN(result_.kl_divergence, engine_->KlDivergence(stop));
    if (std::isfinite(result_.kl_divergence)) return {};
    return Internal(StrCat("t-SNE: the map diverged before iteration ", iteration));
  }

  int64_t points_;
  const TsneOptions& options_;
  TsneEngine* engine_;
  TsneResult result_;
};

}  // namespace

Result<TsneResult> ExactTsne(const MatrixView& matrix, const TsneOptions& options,
                             const std::function<void(const TsneProgress&)>& progress,
                             std::stop_token stop) {  // NOLINT: a value, as for std::jthread
  const auto start = std::chrono::steady_clock::now();
  RETURN_IF_ERROR(CheckOptions(matrix, options));
  RETURN_IF_ERROR(CheckMatrix(matrix));
  try {
    ThreadPool pool(options.threads);
    ASSIGN_OR_RETURN(const std::unique_ptr<TsneEngine> engine,
                     MakeEngine(matrix, options, &pool, stop));
    ASSIGN_OR_RETURN(TsneResult result, Descent(matrix, options, engine.get()).Run(progress, stop));
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result.seconds = elapsed.count();
    return result;
  } catch (const std::bad_alloc&) {
    return Exhausted(StrCat("t-SNE: no memory for the affinities of ", matrix.points, " points (",
                            matrix.points * matrix.points * 4, " bytes)"));
  }
}

}  // namespace spirogram::projector
