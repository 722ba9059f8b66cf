#include "web/projection_jobs.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"
#include "base/str.h"
#include "web/columns.h"
#include "web/json.h"

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
  projection->variance_share = stored.variance_share;
}

projector::TsneOptions TsneOptionsFor(const ProjectionRequest& request) {
  projector::TsneOptions options;
  options.dims = request.dims;
  options.perplexity = request.perplexity;
  options.iterations = request.iterations;
  options.seed = request.seed;
  options.yields = true;  // the cores belong to whoever trains on them
  return options;
}

std::shared_ptr<const std::vector<float>> Share(std::vector<float> values) {
  return std::make_shared<const std::vector<float>>(std::move(values));
}

}  // namespace

std::string ProjectionMessage(const ProjectionSnapshot& snapshot) {
  ColumnsBuilder builder;
  builder.BeginItem(ProjectionJson(snapshot.projection));
  builder.Add("coordinates", snapshot.coordinates ? std::span<const float>(*snapshot.coordinates)
                                                  : std::span<const float>());
  return builder.Finish();
}

ProjectionJobs::ProjectionJobs(store::Store& store, ProjectorFunctions functions,
                               const Clock& clock, Listener listener)
    : store_(store),
      functions_(std::move(functions)),
      clock_(clock),
      listener_(std::move(listener)),
      worker_([this](const std::stop_token& stop) { Work(stop); }) {}

ProjectionJobs::~ProjectionJobs() {
  worker_.request_stop();
  {
    std::lock_guard lock(mutex_);
    for (const auto& job : jobs_) job->stop.request_stop();
  }
  worker_.join();
}

Result<ProjectionJobs::Started> ProjectionJobs::Start(const ProjectionRequest& wanted) {
  ProjectionRequest request = wanted;
  ASSIGN_OR_RETURN(const store::EmbeddingInfo info, FindEmbedding(&request));
  RETURN_IF_ERROR(CheckAgainst(request, info));
  const std::string key = ProjectionKey(request, info.wall_time);
  {
    std::lock_guard lock(mutex_);
    if (const Job* job = FindReusable(request.run, key)) return Started{job->projection, false};
  }
  std::optional<StoredProjection> stored;
  if (auto bytes = store_.ReadProjection(request.run, key); bytes.ok()) {
    auto decoded = DecodeProjection(*bytes);
    if (decoded.ok() && decoded->points == info.rows && decoded->dims == request.dims) {
      stored = std::move(*decoded);
    } else {
      LogWarning(StrCat("run ", request.run, ": the stored projection \"", key,
                        "\" is unreadable and is computed again"));
    }
  }
  std::lock_guard lock(mutex_);
  // Another request may have come first while the store was read.
  if (const Job* job = FindReusable(request.run, key)) return Started{job->projection, false};
  if (!stored && queue_.size() >= kQueuedMax) {
    return Exhausted(StrCat(kQueuedMax, " projections are waiting already; try again later"));
  }
  Job& job = AddJob(request, key, info.rows);
  if (stored) {
    Adopt(*stored, &job.projection);
    job.coordinates = Share(std::move(stored->coordinates));
  } else {
    queue_.push_back(jobs_.back());
    queued_.notify_one();
  }
  const Started started{job.projection, !stored};
  ForgetOld();
  return started;
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
    std::erase_if(queue_, [&](const auto& queued) { return queued.get() == job; });
    snapshot.projection = job->projection;
  }
  listener_(snapshot);
  return Status();
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

ProjectionJobs::Job& ProjectionJobs::AddJob(const ProjectionRequest& request, std::string key,
                                            int64_t points) {
  auto job = std::make_shared<Job>();
  job->projection.id = ++last_id_;
  job->projection.request = request;
  job->projection.points = points;
  job->key = std::move(key);
  jobs_.push_back(std::move(job));
  return *jobs_.back();
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

Result<store::EmbeddingInfo> ProjectionJobs::FindEmbedding(ProjectionRequest* request) const {
  ASSIGN_OR_RETURN(const auto checkpoints, store_.ReadEmbeddings(request->run, request->tag));
  if (checkpoints.empty()) {
    return NotFound(StrCat("embedding ", request->tag, " of run ", request->run, " is empty"));
  }
  if (!request->step) request->step = checkpoints.back().step;
  // Of a step that was logged twice the last counts, as in Store::ReadEmbedding.
  for (auto info = checkpoints.rbegin(); info != checkpoints.rend(); ++info) {
    if (info->step == *request->step) return *info;
  }
  return NotFound(StrCat("embedding ", request->tag, " of run ", request->run,
                         " has no checkpoint at step ", *request->step));
}

Status ProjectionJobs::CheckAgainst(const ProjectionRequest& request,
                                    const store::EmbeddingInfo& info) const {
  if (request.method == ProjectionMethod::kPca) {
    if (request.dims <= info.dims) return Status();
    return InvalidArgument(StrCat("field dims: got ", request.dims, ", want at most the ",
                                  info.dims, " dims of the embedding"));
  }
  const double perplexity_max = static_cast<double>(info.rows - 1) / 3;
  if (request.perplexity > perplexity_max) {
    return InvalidArgument(StrCat("field perplexity: got ", request.perplexity, ", want at most ",
                                  perplexity_max, ", a third of the other points"));
  }
  if (!functions_.tsne_memory_bytes) return Status();
  const int64_t bytes = functions_.tsne_memory_bytes(info.rows, TsneOptionsFor(request));
  if (bytes <= functions_.tsne_memory_max) return Status();
  return InvalidArgument(StrCat("t-SNE of ", info.rows, " points at perplexity ",
                                request.perplexity, " takes ", bytes >> 20, " MiB, want at most ",
                                functions_.tsne_memory_max >> 20,
                                " MiB: a lower perplexity takes less"));
}

void ProjectionJobs::Work(const std::stop_token& stop) {
  while (true) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      if (!queued_.wait(lock, stop, [&] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
      job->projection.state = ProjectionState::kRunning;
      job->started_ns = clock_.MonotonicNs();
    }
    Compute(job);
  }
}

void ProjectionJobs::Compute(const std::shared_ptr<Job>& job) {
  Result<StoredProjection> result = Internal("not computed");
  try {
    result = Project(job);
  } catch (const std::exception& exception) {
    result =
        Exhausted(StrCat("the projection failed: ", exception.what()));  // out of memory, mostly
  }
  Finish(job, std::move(result));
}

Result<StoredProjection> ProjectionJobs::Project(const std::shared_ptr<Job>& job) {
  // Nothing writes `request` and `id` once the job is queued, so they are read without the lock.
  const ProjectionRequest& request = job->projection.request;
  ASSIGN_OR_RETURN(const store::Embedding embedding,
                   store_.ReadEmbedding(request.run, request.tag, *request.step));
  if (job->stop.stop_requested()) return Cancelled("cancelled before it began");
  const projector::MatrixView matrix{embedding.values, embedding.info.rows, embedding.info.dims};
  return request.method == ProjectionMethod::kPca ? RunPca(request, matrix) : RunTsne(job, matrix);
}

Result<StoredProjection> ProjectionJobs::RunPca(const ProjectionRequest& request,
                                                const projector::MatrixView& matrix) const {
  const int64_t started_ns = clock_.MonotonicNs();
  ASSIGN_OR_RETURN(projector::PcaResult pca,
                   functions_.pca(matrix, {.components = request.dims, .seed = request.seed}));
  StoredProjection stored;
  stored.dims = request.dims;
  stored.points = matrix.points;
  stored.seconds = SecondsSince(started_ns);
  stored.device = "cpu";
  stored.variance_share = std::move(pca.variance_share);
  stored.coordinates = std::move(pca.coordinates);
  return stored;
}

Result<StoredProjection> ProjectionJobs::RunTsne(const std::shared_ptr<Job>& job,
                                                 const projector::MatrixView& matrix) {
  const ProjectionRequest& request = job->projection.request;
  const projector::TsneOptions options = TsneOptionsFor(request);
  int64_t last_report_ns = 0;
  const auto progress = [&](const projector::TsneProgress& report) {
    const int64_t now_ns = clock_.MonotonicNs();
    if (last_report_ns != 0 && now_ns - last_report_ns < kProgressIntervalNs) return;
    last_report_ns = now_ns;
    OnProgress(job, report);
  };
  ASSIGN_OR_RETURN(projector::TsneResult tsne,
                   functions_.tsne(matrix, options, progress, job->stop.get_token()));
  StoredProjection stored;
  stored.dims = request.dims;
  stored.iterations = tsne.iterations;
  stored.points = matrix.points;
  stored.kl_divergence = tsne.kl_divergence;
  stored.seconds = tsne.seconds;
  stored.device = std::move(tsne.device);
  stored.coordinates = std::move(tsne.coordinates);
  return stored;
}

void ProjectionJobs::OnProgress(const std::shared_ptr<Job>& job,
                                const projector::TsneProgress& progress) {
  auto coordinates = Share({progress.coordinates.begin(), progress.coordinates.end()});
  ProjectionSnapshot snapshot;
  {
    std::lock_guard lock(mutex_);
    job->projection.iteration = progress.iteration;
    job->projection.kl_divergence = progress.kl_divergence;
    job->projection.seconds = SecondsSince(job->started_ns);
    job->coordinates = std::move(coordinates);
    snapshot = {job->projection, job->coordinates};
  }
  listener_(snapshot);
}

void ProjectionJobs::Finish(const std::shared_ptr<Job>& job, Result<StoredProjection> result) {
  const ProjectionRequest& request = job->projection.request;
  if (result.ok() && result->coordinates.size() !=
                         static_cast<size_t>(result->points) * static_cast<size_t>(result->dims)) {
    result = Internal("the projector's coordinates do not fit points x dims");
  }
  if (result.ok()) {
    const Status kept = store_.WriteProjection(request.run, job->key, EncodeProjection(*result));
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
    snapshot = {projection, job->coordinates};
    ForgetOld();
  }
  listener_(snapshot);
}

double ProjectionJobs::SecondsSince(int64_t started_ns) const {
  return static_cast<double>(clock_.MonotonicNs() - started_ns) / kNsPerSecond;
}

}  // namespace spirogram::web
