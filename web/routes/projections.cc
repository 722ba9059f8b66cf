#include <optional>

#include "base/str.h"
#include "web/json.h"
#include "web/map_density.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kPictureSide = {1, 4096};

Response NoContent() {
  Response response;
  response.status = 204;
  return response;
}

// With coordinates.
Result<ProjectionSnapshot> ReadMap(const Call& call, int64_t id) {
  ASSIGN_OR_RETURN(ProjectionSnapshot snapshot, call.context.projections.ReadSnapshot(id));
  if (snapshot.coordinates) return snapshot;
  return NotFound(StrCat("projection ", id, " has no coordinates, it is ",
                         ProjectionStateName(snapshot.projection.state)));
}

}  // namespace

Result<Response> HandleStartProjection(const Call& call) {
  ASSIGN_OR_RETURN(const ProjectionRequest wanted, ParseProjectionRequest(call.request.body));
  ASSIGN_OR_RETURN(const int64_t points_max, call.query.Integer("coordinates", {0, INT64_MAX}, 0));
  ASSIGN_OR_RETURN(const int64_t if_known, call.query.Integer("if_known", {0, 1}, 0));
  ProjectionJobs& projections = call.context.projections;
  ProjectionJobs::Started started;
  if (if_known == 0) {
    ASSIGN_OR_RETURN(started, projections.Start(wanted));
  } else {
    ASSIGN_OR_RETURN(const std::optional<Projection> known, projections.FindMap(wanted));
    if (!known) return NoContent();
    started.projection = *known;
  }
  const Projection& projection = started.projection;
  const bool with_map =
      projection.state == ProjectionState::kDone && projection.points <= points_max;
  Response response = JsonResponse(ProjectionJson(projection));
  if (with_map) {
    ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, ReadMap(call, projection.id));
    response = ColumnsResponse(ProjectionMessage(snapshot));
  }
  response.status = started.is_new ? 201 : 200;
  response.Set("Location", StrCat("/api/v1/projections/", projection.id));
  return response;
}

Result<Response> HandleProjections(const Call& call) {
  return JsonResponse(ProjectionsJson(call.context.projections.List()));
}

Result<Response> HandleProjection(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const Projection projection, call.context.projections.Get(id));
  return JsonResponse(ProjectionJson(projection));
}

Result<Response> HandleCoordinates(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, ReadMap(call, id));
  return ColumnsResponse(ProjectionMessage(snapshot));
}

Result<Response> HandleDensity(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const int64_t width, call.query.Integer("width", kPictureSide));
  ASSIGN_OR_RETURN(const int64_t height, call.query.Integer("height", kPictureSide));
  ASSIGN_OR_RETURN(const auto corners, call.query.Numbers("view", 4));
  ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, ReadMap(call, id));
  const int dims = snapshot.projection.request.dims;
  MapView view =
      WholeMap(*snapshot.coordinates, dims, static_cast<int>(width), static_cast<int>(height));
  if (!corners.empty()) {
    view.x_min = corners[0];
    view.y_min = corners[1];
    view.x_max = corners[2];
    view.y_max = corners[3];
    if (!(view.x_min < view.x_max && view.y_min < view.y_max)) {
      return InvalidArgument(
          "query parameter view: want x_min,y_min,x_max,y_max, each least below its greatest");
    }
  }
  return ColumnsResponse(DensityMessage(view, DensityOf(*snapshot.coordinates, dims, view)));
}

Result<Response> HandleNearestPoint(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const auto place, call.query.Numbers("at", 2));
  if (place.empty()) return InvalidArgument("query parameter at: missing, want x,y");
  ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, ReadMap(call, id));
  const NearestPoint nearest =
      NearestTo(*snapshot.coordinates, snapshot.projection.request.dims, place[0], place[1]);
  if (nearest.row < 0) {
    return NotFound(StrCat("projection ", id, " has no point with finite coordinates"));
  }
  return JsonResponse(NearestPointJson(nearest));
}

Result<Response> HandlePauseProjection(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const Projection paused, call.context.projections.SetPaused(id, true));
  return JsonResponse(ProjectionJson(paused));
}

Result<Response> HandleResumeProjection(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const Projection resumed, call.context.projections.SetPaused(id, false));
  return JsonResponse(ProjectionJson(resumed));
}

Result<Response> HandleEditProjection(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const int iterations, ParseProjectionEdit(call.request.body));
  ASSIGN_OR_RETURN(const Projection edited, call.context.projections.SetIterations(id, iterations));
  return JsonResponse(ProjectionJson(edited));
}

Result<Response> HandleCancelProjection(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  RETURN_IF_ERROR(call.context.projections.Cancel(id));
  return NoContent();
}

}  // namespace spirogram::web
