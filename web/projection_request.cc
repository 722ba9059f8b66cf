// What a request for a projection rests on: its embedding, its start, and the map that was stored.
#include <span>
#include <utility>

#include "base/crc32c.h"
#include "base/log.h"
#include "base/str.h"
#include "web/projection_jobs.h"
#include "web/projection_run.h"

namespace spirogram::web {

Result<std::shared_ptr<ProjectionJobs::Job>> ProjectionJobs::MakeJob(
    ProjectionRequest request) const {
  ASSIGN_OR_RETURN(const store::EmbeddingInfo info, FindEmbedding(&request));
  RETURN_IF_ERROR(CheckNotDeleted(request.run));
  FitToRows(info.rows, &request);
  RETURN_IF_ERROR(CheckAgainst(request, info, functions_.memory_max));
  if (request.method == ProjectionMethod::kUmap) {
    request.iterations = projector::UmapEpochs(info.rows, UmapOptionsFor(request, info.rows));
  }
  const auto job = std::make_shared<Job>();
  if (request.method == ProjectionMethod::kPlacement) {
    ASSIGN_OR_RETURN(job->ground, FindGround(info, &request));
  } else {
    ASSIGN_OR_RETURN(job->start, FindStart(request, info.rows));
  }
  job->projection.request = request;
  job->projection.points = info.rows;
  if (request.method == ProjectionMethod::kUmap) {
    job->projection.epochs_before = job->start.epochs;
  }
  job->checkpoint = info.wall_time;
  job->goal = request.iterations;
  job->Rekey();
  return job;
}

std::optional<StoredProjection> ProjectionJobs::ReadStored(const Job& job) const {
  const ProjectionRequest& request = job.projection.request;
  const auto bytes = store_.ReadProjection(request.run, job.key);
  if (!bytes.ok()) return std::nullopt;
  auto decoded = DecodeProjection(*bytes);
  if (decoded.ok() && decoded->points == job.projection.points && decoded->dims == request.dims) {
    return std::move(*decoded);
  }
  LogWarning(StrCat("run ", request.run, ": the stored projection ", Quoted(job.key),
                    " is unreadable and is computed again"));
  return std::nullopt;
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

// What was asked for in the moment of its deletion is still drawn.
Status ProjectionJobs::CheckNotDeleted(store::RunId id) const {
  ASSIGN_OR_RETURN(const store::Run run, store_.ReadRun(id));
  if (!run.labels.deleted_time) return {};
  return Conflict(StrCat("run ", id, " is deleted: restore it before a map of it is drawn"));
}

Result<ProjectionSnapshot> ProjectionJobs::ReadEnded(const char* field, int64_t id) const {
  auto snapshot = ReadSnapshot(id);
  if (!snapshot.ok()) {
    return InvalidArgument(StrCat("field ", field, ": ", snapshot.error().message));
  }
  const ProjectionState state = snapshot->projection.state;
  const bool has_ended = state == ProjectionState::kDone || state == ProjectionState::kCancelled;
  if (has_ended && snapshot->coordinates) return snapshot;
  return InvalidArgument(StrCat("field ", field, ": projection ", id, " is ",
                                ProjectionStateName(state),
                                ", want one that is done, or cancelled with a map"));
}

ProjectionJobs::StartMap ProjectionJobs::MapOf(const ProjectionSnapshot& snapshot) {
  const std::span<const float> map(*snapshot.coordinates);
  return {snapshot.coordinates,
          Crc32c({reinterpret_cast<const char*>(map.data()), map.size_bytes()}),
          snapshot.projection.epochs_before + snapshot.projection.iteration};
}

Result<ProjectionJobs::StartMap> ProjectionJobs::FindStart(const ProjectionRequest& request,
                                                           int64_t points) const {
  if (!request.start) return StartMap();
  ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, ReadEnded("start", *request.start));
  const Projection& start = snapshot.projection;
  if (start.request.method != request.method || start.request.dims != request.dims ||
      start.points != points) {
    return InvalidArgument(StrCat(
        "field start: projection ", start.id, " is a ", ProjectionMethodName(start.request.method),
        " of ", start.points, " points in ", start.request.dims, " dims, want a ",
        ProjectionMethodName(request.method), " of ", points, " in ", request.dims));
  }
  return MapOf(snapshot);
}

}  // namespace spirogram::web
