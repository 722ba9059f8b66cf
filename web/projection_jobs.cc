#include "web/projection_jobs.h"

#include <algorithm>
#include <exception>
#include <span>
#include <utility>

#include "base/log.h"
#include "base/str.h"
#include "projector/custom_axes.h"
#include "projector/finite_rows.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

constexpr double kNsPerSecond = 1e9;

// Takes a stored result over into the record of a projection.
void Adopt(const StoredProjection& stored, Projection* projection) {
  projection->state = ProjectionState::kDone;
  projection->iteration = stored.iterations;
  projection->kl_divergence = stored.kl_divergence;
  projection->seconds = stored.seconds;
  projection->device = stored.device;
  projection->points = stored.points;
  projection->variance_share = SharesOfAxes(projection->request, stored.variance_share);
  if (projection->request.method == ProjectionMethod::kPca) {
    projection->component_shares = stored.variance_share;
  }
  projection->paused = false;
  projection->stages = stored.stages;
  projection->engine = stored.engine;
  projection->neighbors = stored.neighbors;
  projection->quality = stored.quality;
  projection->alignment_residual = stored.alignment_residual;
  projection->left_out = RowsWithoutPlace(stored.coordinates, stored.dims);
  projection->start_fallback = stored.start_fallback;
}

std::shared_ptr<const std::vector<float>> Share(std::vector<float> values) {
  return std::make_shared<const std::vector<float>>(std::move(values));
}

}  // namespace

ProjectionJobs::ProjectionJobs(store::Store& store, ProjectorFunctions functions,
                               const Clock& clock, Listener listener)
    : store_(store),
      functions_(std::move(functions)),
      clock_(clock),
      listener_(std::move(listener)),
      at_once_([this](const std::stop_token& stop) { Work(Lane::kAtOnce, stop); }),
      descent_([this](const std::stop_token& stop) { Work(Lane::kDescent, stop); }) {}

ProjectionJobs::~ProjectionJobs() {
  at_once_.request_stop();
  descent_.request_stop();
  {
    std::lock_guard lock(mutex_);
    for (const auto& job : jobs_) job->stop.request_stop();
  }
  at_once_.join();
  descent_.join();
}

Result<ProjectionJobs::Started> ProjectionJobs::Start(const ProjectionRequest& wanted) {
  ASSIGN_OR_RETURN(const std::optional<Started> started, Serve(wanted, /*may_start=*/true));
  return *started;
}

Result<std::optional<Projection>> ProjectionJobs::FindMap(const ProjectionRequest& wanted) {
  ASSIGN_OR_RETURN(const std::optional<Started> found, Serve(wanted, /*may_start=*/false));
  return found ? std::optional(found->projection) : std::nullopt;
}

Result<std::optional<ProjectionJobs::Started>> ProjectionJobs::Serve(
    const ProjectionRequest& wanted, bool may_start) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Job> made, MakeJob(wanted));
  const ProjectionRequest& request = made->projection.request;
  {
    std::lock_guard lock(mutex_);
    if (const Job* job = FindReusable(request.run, made->key)) {
      return std::optional(Started{job->projection});
    }
  }
  std::optional<StoredProjection> stored = ReadStored(*made);
  std::lock_guard lock(mutex_);
  // Another request may have come first while the store was read.
  if (const Job* job = FindReusable(request.run, made->key)) {
    return std::optional(Started{job->projection});
  }
  if (!stored && !may_start) return std::optional<Started>();
  if (!stored && CountQueued(LaneOf(request.method)) >= kQueuedMax) {
    return Exhausted(StrCat(kQueuedMax, " projections are waiting already; try again later"));
  }
  Job& job = AddJob(made);
  if (stored) {
    Adopt(*stored, &job.projection);
    job.coordinates = Share(std::move(stored->coordinates));
  } else {
    queue_.push_back(jobs_.back());
    queued_.notify_all();  // one lane's thread does not take the other's
  }
  const Started started{job.projection, !stored};
  ForgetOld();
  return std::optional(started);
}

std::vector<Projection> ProjectionJobs::List() const {
  std::lock_guard lock(mutex_);
  std::vector<Projection> projections;
  for (const auto& job : jobs_) projections.push_back(job->projection);
  return projections;
}

Result<Projection> ProjectionJobs::Get(int64_t id) const {
  std::lock_guard lock(mutex_);
  if (const Job* job = Find(id)) return job->projection;
  return NotFound(StrCat("no projection with id ", id));
}

Result<ProjectionSnapshot> ProjectionJobs::ReadSnapshot(int64_t id) const {
  ProjectionSnapshot snapshot;
  std::string key;
  {
    std::lock_guard lock(mutex_);
    const Job* job = Find(id);
    if (job == nullptr) return NotFound(StrCat("no projection with id ", id));
    snapshot = {job->projection, job->coordinates};
    key = job->key;
  }
  if (snapshot.coordinates || snapshot.projection.state != ProjectionState::kDone) return snapshot;
  // Its coordinates were dropped to bound the memory; the store has them.
  ASSIGN_OR_RETURN(const std::string bytes,
                   store_.ReadProjection(snapshot.projection.request.run, key));
  ASSIGN_OR_RETURN(StoredProjection stored, DecodeProjection(bytes));
  snapshot.coordinates = Share(std::move(stored.coordinates));
  return snapshot;
}

ProjectionJobs::Job* ProjectionJobs::Find(int64_t id) const {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [&](const auto& job) { return job->projection.id == id; });
  return found == jobs_.end() ? nullptr : found->get();
}

ProjectionJobs::Job* ProjectionJobs::FindReusable(store::RunId run, const std::string& key) const {
  for (const auto& job : jobs_) {
    const ProjectionState state = job->projection.state;
    const bool serves =
        state == ProjectionState::kDone || (!IsFinal(state) && !job->stop.stop_requested());
    if (serves && job->projection.request.run == run && job->key == key) return job.get();
  }
  return nullptr;
}

ProjectionJobs::Job& ProjectionJobs::AddJob(const std::shared_ptr<Job>& job) {
  job->projection.id = ++last_id_;
  jobs_.push_back(job);
  return *job;
}

void ProjectionJobs::ForgetOld() {
  size_t records = jobs_.size();
  size_t with_coordinates = 0;
  for (const auto& job : jobs_) {
    if (IsFinal(job->projection.state) && job->coordinates) ++with_coordinates;
  }
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    Job& job = **it;
    if (!IsFinal(job.projection.state)) {
      ++it;
      continue;
    }
    if (with_coordinates > kCoordinatesMax && job.coordinates) {
      job.coordinates.reset();
      --with_coordinates;
    }
    if (records > kRecordsMax) {
      it = jobs_.erase(it);
      --records;
    } else {
      ++it;
    }
  }
}

void ProjectionJobs::Work(Lane lane, const std::stop_token& stop) {
  while (true) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      const auto take = [&] {
        job = TakeQueued(lane);
        return job != nullptr;
      };
      if (!queued_.wait(lock, stop, take) || stop.stop_requested()) return;
      job->projection.state = ProjectionState::kRunning;
      job->started_ns = clock_.MonotonicNs();
    }
    Show(job);
    Compute(job);
  }
}

void ProjectionJobs::Compute(const std::shared_ptr<Job>& job) {
  Result<StoredProjection> result = Internal("not computed");
  try {
    result = Project(job);
  } catch (const std::exception& exception) {
    result = Exhausted(StrCat("the projection failed: ", exception.what()));  // mostly memory
  }
  Finish(job, std::move(result));
}

Result<StoredProjection> ProjectionJobs::Project(const std::shared_ptr<Job>& job) {
  ProjectionRequest request;
  {
    std::lock_guard lock(mutex_);
    request = job->projection.request;
    job->planned = request.iterations;
  }
  ASSIGN_OR_RETURN(store::Embedding embedding,
                   store_.ReadEmbedding(request.run, request.tag, *request.step));
  if (job->stop.stop_requested()) return Cancelled("cancelled before it began");
  // What was checked, its start and its axes are of the rows that were there as it was asked for.
  if (embedding.info.wall_time != job->checkpoint ||
      embedding.info.rows != job->projection.points) {
    return InvalidArgument(StrCat("embedding ", request.tag, " was logged anew at step ",
                                  *request.step, " while its projection waited: ask for it again"));
  }
  if (request.method == ProjectionMethod::kPlacement) {
    return Place(job, request, std::move(embedding));
  }
  RETURN_IF_ERROR(LeaveOut(job, &embedding));
  const std::vector<int64_t>& left_out = job->projection.left_out;
  if (request.sphereize) projector::Sphereize(embedding.values, embedding.info.dims);
  const projector::MatrixView matrix{embedding.values, embedding.info.rows - std::ssize(left_out),
                                     embedding.info.dims};
  ASSIGN_OR_RETURN(StoredProjection stored, Run(job, request, matrix));
  if (std::ssize(stored.coordinates) != stored.points * stored.dims) {
    return Internal("the projector's coordinates do not fit points x dims");
  }
  // A map that is turned is as true as it was.
  const std::vector<float> map = std::move(stored.coordinates);
  stored.coordinates = projector::PutRowsBack(left_out, stored.dims, map);
  stored.points = embedding.info.rows;
  if (job->start.coordinates && request.align) {
    ASSIGN_OR_RETURN(stored.alignment_residual,
                     AlignOnto(*job->start.coordinates, request.dims, &stored.coordinates));
  }
  Settle(job, stored);
  ASSIGN_OR_RETURN(stored.quality, MeasureQuality(request, matrix, map, job->stop.get_token()));
  if (stored.quality) {
    stored.quality->kl = stored.kl_divergence;
    stored.quality->kl_is_exact = stored.engine == "exact";
  }
  return stored;
}

// The job's thread alone writes the rows that are left out, and so reads them without the lock.
Status ProjectionJobs::LeaveOut(const std::shared_ptr<Job>& job, store::Embedding* embedding) {
  const store::EmbeddingInfo& info = embedding->info;
  ASSIGN_OR_RETURN(auto rows,
                   projector::FindRowsToLeaveOut({embedding->values, info.rows, info.dims},
                                                 RawMetric(job->projection.request)));
  projector::TakeRowsOut(rows, info.dims, &embedding->values);
  std::lock_guard lock(mutex_);
  job->projection.left_out = std::move(rows);
  return {};
}

// The map is there. It is shown while it is judged, and its iterations can change no more.
void ProjectionJobs::Settle(const std::shared_ptr<Job>& job, const StoredProjection& stored) {
  auto coordinates = Share(stored.coordinates);
  {
    std::lock_guard lock(mutex_);
    job->has_map = true;
    job->coordinates = std::move(coordinates);
    const bool is_iterative = IsIterative(job->projection.request.method);
    if (is_iterative) job->projection.iteration = stored.iterations;
    // One that has settled is the result of what was asked for, however many iterations that took.
    if (is_iterative && !job->has_settled) {
      // Whoever changed how far it goes may have come too late for the descent.
      job->projection.request.iterations = stored.iterations;
      job->Rekey();
    }
  }
  Show(job);
}

void ProjectionJobs::Show(const std::shared_ptr<Job>& job) const {
  ProjectionSnapshot snapshot;
  {
    std::lock_guard lock(mutex_);
    snapshot = {job->projection, job->coordinates};
  }
  listener_(snapshot);
}

void ProjectionJobs::Finish(const std::shared_ptr<Job>& job, Result<StoredProjection> result) {
  if (result.ok()) {
    // Nothing changes the key of a job that has its map.
    result->parameters = job->key;
    const Status kept =
        store_.WriteProjection(job->projection.request.run, job->key, EncodeProjection(*result));
    // The map is there even if it could not be kept: it is computed again after a restart.
    if (!kept.ok()) LogWarning(StrCat("projection not stored: ", kept.error().ToString()));
  }
  ProjectionSnapshot snapshot;
  {
    std::lock_guard lock(mutex_);
    Projection& projection = job->projection;
    if (result.ok()) {
      Adopt(*result, &projection);
      job->coordinates = Share(std::move(result->coordinates));
    } else if (result.error().code == ErrorCode::kCancelled) {
      projection.state = ProjectionState::kCancelled;
    } else {
      projection.state = ProjectionState::kFailed;
      projection.error = result.error().message;
    }
    projection.paused = false;
    job->ReleaseMaps();
    snapshot = {projection, job->coordinates};
    ForgetOld();
  }
  listener_(snapshot);
}

}  // namespace spirogram::web
