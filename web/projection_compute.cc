// What a job computes, method by method, and what it shows meanwhile.
#include <algorithm>
#include <cmath>
#include <utility>

#include "projector/finite_rows.h"
#include "web/projection_axes.h"
#include "web/projection_jobs.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

constexpr double kNsPerSecond = 1e9;

// The start of a job that goes on from another's map.
template <typename Options>
void GoOnFrom(std::span<const float> map, Options* options) {
  options->init = projector::TsneOptions::Init::kGiven;
  options->start = map;
}

// A method without iterations: its coordinates and their shares of variance.
template <typename Compute>
Result<StoredProjection> AtOnce(const Clock& clock, const Compute& compute) {
  const int64_t started_ns = clock.MonotonicNs();
  ASSIGN_OR_RETURN(auto computed, compute());
  StoredProjection stored;
  stored.seconds = static_cast<double>(clock.MonotonicNs() - started_ns) / kNsPerSecond;
  stored.device = "cpu";
  stored.variance_share = std::move(computed.variance_share);
  stored.coordinates = std::move(computed.coordinates);
  return stored;
}

}  // namespace

// Where a run is being logged, a training may need this machine's cores.
projector::Courtesy ProjectionJobs::CourtesyNow() const {
  if (!functions_.yields) return projector::Courtesy::kNone;
  const auto runs = store_.ReadRuns();
  const bool is_any_logged = runs.ok() && std::ranges::any_of(*runs, [](const store::Run& run) {
                               return run.status == store::RunStatus::kRunning;
                             });
  return is_any_logged ? projector::Courtesy::kStepAside : projector::Courtesy::kYield;
}

Result<StoredProjection> ProjectionJobs::Run(const std::shared_ptr<Job>& job,
                                             const ProjectionRequest& request,
                                             const projector::MatrixView& matrix) {
  ASSIGN_OR_RETURN(StoredProjection stored, RunMethod(job, request, matrix));
  stored.dims = request.dims;
  stored.points = matrix.points;
  return stored;
}

Result<StoredProjection> ProjectionJobs::RunMethod(const std::shared_ptr<Job>& job,
                                                   const ProjectionRequest& request,
                                                   const projector::MatrixView& matrix) {
  switch (request.method) {
    case ProjectionMethod::kPca:
      return AtOnce(clock_, [&] {
        projector::PcaOptions options = PcaOptionsFor(request, matrix.dims);
        options.courtesy = CourtesyNow();
        return functions_.pca(matrix, options, job->stop.get_token());
      });
    case ProjectionMethod::kTsne:
      return RunTsne(job, request, matrix);
    case ProjectionMethod::kUmap:
      return RunUmap(job, request, matrix);
    case ProjectionMethod::kPlacement:
      break;  // Place
    case ProjectionMethod::kAxes:
      return AtOnce(clock_, [&] {
        return ProjectAxes(request, matrix, job->projection.left_out, job->stop.get_token());
      });
  }
  return Internal("a projection without a method");
}

Result<StoredProjection> ProjectionJobs::RunTsne(const std::shared_ptr<Job>& job,
                                                 const ProjectionRequest& request,
                                                 const projector::MatrixView& matrix) {
  projector::TsneOptions options = TsneOptionsFor(request, matrix.points);
  options.courtesy = CourtesyNow();
  options.goal = &job->goal;
  std::vector<float> start;
  if (job->start.coordinates) {
    start = StartWithout(job->projection.left_out, *job->start.coordinates, request.dims);
    GoOnFrom(start, &options);
    options.early_exaggeration_iterations = 0;
  }
  const auto progress = [&](const projector::TsneProgress& at) {
    Report(job, at.iteration, at.kl_divergence, at.coordinates);
  };
  ASSIGN_OR_RETURN(projector::TsneResult tsne,
                   functions_.tsne(matrix, options, progress, job->stop.get_token()));
  const double paused = static_cast<double>(job->paused_ns) / kNsPerSecond;
  job->has_settled = tsne.has_settled;
  StoredProjection stored;
  stored.iterations = tsne.iterations;
  stored.kl_divergence = tsne.kl_divergence;
  stored.seconds = tsne.seconds - paused;
  stored.device = std::move(tsne.device);
  stored.engine = std::move(tsne.method);
  stored.neighbors = std::move(tsne.neighbors);
  stored.stages = {tsne.start_seconds, tsne.neighbor_seconds, tsne.affinity_seconds,
                   tsne.descent_seconds - paused};
  stored.coordinates = std::move(tsne.coordinates);
  return stored;
}

Result<StoredProjection> ProjectionJobs::RunUmap(const std::shared_ptr<Job>& job,
                                                 const ProjectionRequest& request,
                                                 const projector::MatrixView& matrix) {
  projector::UmapOptions options = UmapOptionsFor(request, matrix.points);
  options.courtesy = CourtesyNow();
  options.goal = &job->goal;
  std::vector<float> start;
  if (job->start.coordinates) {
    start = StartWithout(job->projection.left_out, *job->start.coordinates, request.dims);
    GoOnFrom(start, &options);
    options.epochs_before = job->start.epochs;
  }
  const auto progress = [&](const projector::UmapProgress& at) {
    Report(job, at.epoch, std::nan(""), at.coordinates);
  };
  ASSIGN_OR_RETURN(projector::UmapResult umap,
                   functions_.umap(matrix, options, progress, job->stop.get_token()));
  const double paused = static_cast<double>(job->paused_ns) / kNsPerSecond;
  StoredProjection stored;
  stored.iterations = umap.epochs;
  stored.seconds = umap.seconds - paused;
  stored.device = "cpu";
  stored.engine = "sampling";
  stored.neighbors = std::move(umap.neighbors);
  stored.start_fallback = std::move(umap.start_fallback);
  stored.stages = {umap.start_seconds, umap.neighbor_seconds, umap.affinity_seconds,
                   umap.descent_seconds - paused};
  stored.coordinates = std::move(umap.coordinates);
  return stored;
}

void ProjectionJobs::Report(const std::shared_ptr<Job>& job, int iteration, double kl_divergence,
                            std::span<const float> coordinates) {
  const int64_t now_ns = clock_.MonotonicNs();
  if (job->reported_ns == 0 || now_ns - job->reported_ns >= kProgressIntervalNs) {
    job->reported_ns = now_ns;
    ShowFrame(job, iteration, kl_divergence, coordinates);
  }
  WaitWhilePaused(job);
}

void ProjectionJobs::ShowFrame(const std::shared_ptr<Job>& job, int iteration, double kl_divergence,
                               std::span<const float> coordinates) {
  const int dims = job->projection.request.dims;
  std::vector<float> map = projector::PutRowsBack(job->projection.left_out, dims, coordinates);
  if (job->start.coordinates && job->projection.request.align) {
    // A frame that cannot be laid onto the start is shown as it is.
    (void)AlignOnto(*job->start.coordinates, dims, &map);
  }
  auto shared = std::make_shared<const std::vector<float>>(std::move(map));
  {
    std::lock_guard lock(mutex_);
    job->projection.iteration = iteration;
    job->projection.kl_divergence = kl_divergence;
    job->projection.seconds = SecondsOf(*job);
    job->coordinates = std::move(shared);
  }
  Show(job);
}

}  // namespace spirogram::web
