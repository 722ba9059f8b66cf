// Rows of one embedding on the map of another: what a placement rests on, and how it is computed.
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/str.h"
#include "projector/custom_axes.h"
#include "projector/finite_rows.h"
#include "web/projection_jobs.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr int kRecallNeighbors = 10;

// The new rows as the old ones were laid before they were mapped: distances then mean the same.
void LayAlike(const ProjectionRequest& drawn_of, store::Embedding* old_rows,
              store::Embedding* new_rows) {
  if (drawn_of.sphereize) {
    projector::SphereizeAround(projector::Sphereize(old_rows->values, old_rows->info.dims),
                               new_rows->values);
  }
  // Among rows of length 1 the nearest are those of the smallest angle.
  const bool has_metric = IsIterative(drawn_of.method);
  if (!has_metric || drawn_of.metric != projector::Metric::kCosine) return;
  const std::vector<double> origin(static_cast<size_t>(old_rows->info.dims), 0.0);
  projector::SphereizeAround(origin, old_rows->values);
  projector::SphereizeAround(origin, new_rows->values);
}

std::optional<ProjectionQuality> QualityOf(const projector::TransformResult& placed, int dims) {
  // Of fewer rows there is no recall of 10.
  if (placed.neighbors_judged < kRecallNeighbors) return std::nullopt;
  ProjectionQuality quality;
  quality.trustworthiness = std::nan("");
  quality.recall_10 = placed.recall;
  const auto width = static_cast<size_t>(dims);
  quality.queries = static_cast<int64_t>(placed.coordinates.size() / width);
  for (size_t axis = 0; axis < width; ++axis) {
    float min = placed.coordinates[axis];
    float max = min;
    for (size_t at = axis; at < placed.coordinates.size(); at += width) {
      min = std::min(min, placed.coordinates[at]);
      max = std::max(max, placed.coordinates[at]);
    }
    quality.span = std::max(quality.span, double{max} - double{min});
  }
  return quality;
}

projector::TransformOptions TransformOptionsFor(const ProjectionRequest& request) {
  projector::TransformOptions options;
  options.dims = request.dims;
  options.perplexity = request.perplexity;
  options.iterations = request.iterations;
  return options;
}

}  // namespace

Result<ProjectionJobs::Ground> ProjectionJobs::FindGround(const store::EmbeddingInfo& info,
                                                          ProjectionRequest* request) const {
  ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, ReadEnded("onto", *request->onto));
  Ground ground;
  ground.drawn_of = snapshot.projection.request;
  {
    std::lock_guard lock(mutex_);
    const Job* job = Find(*request->onto);
    if (job == nullptr) return NotFound(StrCat("no projection with id ", *request->onto));
    ground.checkpoint = job->checkpoint;
  }
  ASSIGN_OR_RETURN(const store::EmbeddingInfo old_rows, FindEmbedding(&ground.drawn_of));
  RETURN_IF_ERROR(CheckPlacement(snapshot.projection, old_rows, info, functions_.memory_max));
  ground.map = MapOf(snapshot);

  // A placement chooses none of these; a client sees what it was given.
  const projector::TransformOptions options;
  request->dims = ground.drawn_of.dims;
  request->sphereize = ground.drawn_of.sphereize;
  request->metric = ground.drawn_of.metric;
  request->perplexity = std::clamp(static_cast<double>(old_rows.rows) / 3, 1.0, options.perplexity);
  request->iterations = options.iterations;
  request->seed = ProjectionRequest().seed;
  request->start.reset();
  return ground;
}

Result<StoredProjection> ProjectionJobs::Place(const std::shared_ptr<Job>& job,
                                               const ProjectionRequest& request,
                                               store::Embedding rows) {
  const Ground& ground = *job->ground;
  ASSIGN_OR_RETURN(
      store::Embedding old_rows,
      store_.ReadEmbedding(ground.drawn_of.run, ground.drawn_of.tag, *ground.drawn_of.step));
  std::vector<float> map = *ground.map.coordinates;
  if (old_rows.info.wall_time != ground.checkpoint ||
      old_rows.info.rows * request.dims != std::ssize(map)) {
    return InvalidArgument(StrCat("embedding ", ground.drawn_of.tag, " was logged anew at step ",
                                  *ground.drawn_of.step, ": its map is of rows that are gone"));
  }
  RETURN_IF_ERROR(LeaveOut(job, &rows));
  const std::vector<int64_t>& left_out = job->projection.left_out;
  const auto without_place = RowsWithoutPlace(map, request.dims);
  projector::TakeRowsOut(without_place, request.dims, &map);
  projector::TakeRowsOut(without_place, old_rows.info.dims, &old_rows.values);
  old_rows.info.rows -= std::ssize(without_place);
  LayAlike(ground.drawn_of, &old_rows, &rows);
  projector::TransformOptions options = TransformOptionsFor(request);
  options.perplexity = std::clamp(options.perplexity, 1.0,
                                  std::max(1.0, static_cast<double>(old_rows.info.rows) / 3));
  options.courtesy = CourtesyNow();
  const auto progress = [&](const projector::TransformProgress& at) {
    Report(job, static_cast<int>(at.placed), std::nan(""), at.coordinates);
  };
  const int64_t points = rows.info.rows - std::ssize(left_out);
  ASSIGN_OR_RETURN(projector::TransformResult placed,
                   functions_.place({old_rows.values, old_rows.info.rows, old_rows.info.dims}, map,
                                    {rows.values, points, rows.info.dims}, options, progress,
                                    job->stop.get_token()));
  StoredProjection stored;
  stored.dims = request.dims;
  stored.points = rows.info.rows;
  if (std::ssize(placed.coordinates) != points * stored.dims) {
    return Internal("the projector's coordinates do not fit points x dims");
  }
  stored.iterations = static_cast<int>(std::min<int64_t>(points, INT32_MAX));
  stored.seconds = placed.seconds - static_cast<double>(job->paused_ns) / kNsPerSecond;
  stored.device = "cpu";
  stored.engine = "exact";
  stored.neighbors = "exact";
  stored.quality = QualityOf(placed, request.dims);
  stored.coordinates = projector::PutRowsBack(left_out, request.dims, placed.coordinates);
  return stored;
}

}  // namespace spirogram::web
