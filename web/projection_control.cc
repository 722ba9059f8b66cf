// What changes a job that is there: cancel, pause, how far it goes.
#include <algorithm>

#include "base/str.h"
#include "web/projection_jobs.h"
#include "web/projection_run.h"

namespace spirogram::web {

Status ProjectionJobs::Cancel(int64_t id) {
  ProjectionSnapshot snapshot;
  {
    std::lock_guard lock(mutex_);
    Job* job = Find(id);
    if (job == nullptr) return NotFound(StrCat("no projection with id ", id));
    job->stop.request_stop();
    // A running job ends on its own thread; one that waits ends here.
    if (job->projection.state != ProjectionState::kQueued) return Status();
    job->projection.state = ProjectionState::kCancelled;
    job->projection.paused = false;
    job->ReleaseMaps();
    std::erase_if(queue_, [&](const auto& queued) { return queued.get() == job; });
    snapshot.projection = job->projection;
  }
  listener_(snapshot);
  return Status();
}

Result<Projection> ProjectionJobs::SetPaused(int64_t id, bool paused) {
  ProjectionSnapshot snapshot;
  {
    std::lock_guard lock(mutex_);
    ASSIGN_OR_RETURN(Job* const job, FindActive(id));
    if (job->projection.paused == paused) return job->projection;
    job->projection.paused = paused;
    snapshot = {job->projection, job->coordinates};
  }
  queued_.notify_all();
  resumed_.notify_all();
  listener_(snapshot);
  return snapshot.projection;
}

Result<Projection> ProjectionJobs::SetIterations(int64_t id, int iterations) {
  ProjectionSnapshot snapshot;
  {
    std::lock_guard lock(mutex_);
    ASSIGN_OR_RETURN(Job* const job, FindActive(id));
    if (!IsIterative(job->projection.request.method)) {
      return InvalidArgument(StrCat("projection ", id, " is a ",
                                    ProjectionMethodName(job->projection.request.method),
                                    ": it has no iterations"));
    }
    if (job->has_map) {
      return Conflict(StrCat("projection ", id, " has ended after ", job->projection.iteration,
                             " iterations and is being judged"));
    }
    job->projection.request.iterations = iterations;
    job->goal = iterations;
    job->Rekey();
    snapshot = {job->projection, job->coordinates};
  }
  listener_(snapshot);
  return snapshot.projection;
}

void ProjectionJobs::Job::Rekey() {
  const uint32_t map = ground ? ground->map.checksum : start.checksum;
  key = ProjectionKey(projection.request, checkpoint, map, projection.epochs_before);
  // Whoever asks for as many iterations is to get the map of their seed, not one of another
  // descent.
  if (planned > 0 && !HasSameSchedule(projection.request, planned)) {
    key = StrCat("planned=", planned, " ", key);
  }
}

Result<ProjectionJobs::Job*> ProjectionJobs::FindActive(int64_t id) const {
  Job* job = Find(id);
  if (job == nullptr) return NotFound(StrCat("no projection with id ", id));
  if (!IsFinal(job->projection.state) && !job->stop.stop_requested()) return job;
  return Conflict(StrCat("projection ", id, " has ended: it is ",
                         IsFinal(job->projection.state) ? ProjectionStateName(job->projection.state)
                                                        : "being cancelled"));
}

ProjectionJobs::Lane ProjectionJobs::LaneOf(ProjectionMethod method) {
  const bool is_at_once = method == ProjectionMethod::kPca || method == ProjectionMethod::kAxes;
  return is_at_once ? Lane::kAtOnce : Lane::kDescent;
}

size_t ProjectionJobs::CountQueued(Lane lane) const {
  return static_cast<size_t>(std::ranges::count_if(
      queue_, [&](const auto& job) { return LaneOf(job->projection.request.method) == lane; }));
}

std::shared_ptr<ProjectionJobs::Job> ProjectionJobs::TakeQueued(Lane lane) {
  const auto next = std::find_if(queue_.begin(), queue_.end(), [&](const auto& job) {
    return !job->projection.paused && LaneOf(job->projection.request.method) == lane;
  });
  if (next == queue_.end()) return nullptr;
  std::shared_ptr<Job> job = *next;
  queue_.erase(next);
  return job;
}

void ProjectionJobs::WaitWhilePaused(const std::shared_ptr<Job>& job) {
  std::unique_lock lock(mutex_);
  if (!job->projection.paused) return;
  const int64_t began_ns = clock_.MonotonicNs();
  resumed_.wait(lock, job->stop.get_token(), [&] { return !job->projection.paused; });
  job->paused_ns += clock_.MonotonicNs() - began_ns;
}

double ProjectionJobs::SecondsOf(const Job& job) const {
  constexpr double kNsPerSecond = 1e9;
  return static_cast<double>(clock_.MonotonicNs() - job.started_ns - job.paused_ns) / kNsPerSecond;
}

}  // namespace spirogram::web
