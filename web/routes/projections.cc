#include "base/str.h"
#include "web/json.h"
#include "web/routes/handlers.h"

namespace spirogram::web {

Result<Response> HandleStartProjection(const Call& call) {
  ASSIGN_OR_RETURN(const ProjectionRequest wanted, ParseProjectionRequest(call.request.body));
  ASSIGN_OR_RETURN(const auto started, call.context.projections.Start(wanted));
  Response response = JsonResponse(ProjectionJson(started.projection));
  response.status = started.is_new ? 201 : 200;
  response.Set("Location", StrCat("/api/v1/projections/", started.projection.id));
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
  ASSIGN_OR_RETURN(const ProjectionSnapshot snapshot, call.context.projections.ReadSnapshot(id));
  if (!snapshot.coordinates) {
    return NotFound(StrCat("projection ", id, " has no coordinates, it is ",
                           ProjectionStateName(snapshot.projection.state)));
  }
  return ColumnsResponse(ProjectionMessage(snapshot));
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
  Response response;
  response.status = 204;
  return response;
}

}  // namespace spirogram::web
