#include <utility>

#include "web/hparam_groups.h"
#include "web/json_kinds.h"
#include "web/routes/handlers.h"

namespace spirogram::web {

Result<Response> HandleHparamsExperiment(const Call& call) {
  HparamsOverview overview;
  ASSIGN_OR_RETURN(overview.data, call.context.store.ReadHparamsData());
  overview.hparams = store::UniteHparams(overview.data);
  overview.metrics = store::UniteMetrics(overview.data);
  overview.groups = GroupSessions(overview.data.sessions);
  if (overview.metrics.empty() && !overview.data.sessions.empty()) {
    ASSIGN_OR_RETURN(const auto runs, call.context.store.ReadRuns());
    ASSIGN_OR_RETURN(const auto tags, call.context.store.ReadTags({}));
    overview.metrics = InferMetrics(overview.data.sessions, runs, tags);
  }
  return JsonResponse(HparamsExperimentJson(overview));
}

}  // namespace spirogram::web
