// Runs as objects: lists, and what users change about them.
#include "base/str.h"
#include "web/json.h"
#include "web/problem.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

using Action = store::RunChange::Action;

std::string ETagOf(const store::Run& run) {
  return StrCat("\"", run.labels.revision, "\"");
}

Response RunResponse(const store::Run& run) {
  Response response = JsonResponse(RunJson(run));
  response.Set("ETag", ETagOf(run));
  return response;
}

// The revision that If-Match names; nothing where any will do.
Result<std::optional<int64_t>> WantedRevision(const Request& request) {
  std::string_view text = request.Get("If-Match");
  if (text.empty() || text == "*") return std::optional<int64_t>();
  const bool is_quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  if (is_quoted) text = text.substr(1, text.size() - 2);
  const auto revision = ParseNumber<int64_t>(text);
  if (is_quoted && revision) return std::optional<int64_t>(*revision);
  return InvalidArgument("header If-Match: want the ETag of the run, or *");
}

Result<store::Run> ChangeOne(const Call& call, store::RunChange change) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  change.runs = {id};
  ASSIGN_OR_RETURN(auto runs, call.context.store.ChangeRuns(change));
  return std::move(runs.front());
}

Status ExpectNoBody(const Request& request) {
  if (request.body.empty()) return {};
  return InvalidArgument("this request takes no body");
}

}  // namespace

Result<Response> HandleRuns(const Call& call) {
  const std::string* state = call.query.Find("state");
  const bool is_chosen = call.query.Find("run") != nullptr;
  if (state == nullptr || *state == "current") {
    ASSIGN_OR_RETURN(const auto ids, call.query.Ids("run", kRunsPerQueryMax));
    ASSIGN_OR_RETURN(const auto runs, is_chosen ? call.context.store.ReadRunsAmong(ids)
                                                : call.context.store.ReadRuns());
    return JsonResponse(RunsJson(runs));
  }
  if (*state != "deleted") {
    return InvalidArgument(
        StrCat("query parameter state: got ", Quoted(*state), ", want current or deleted"));
  }
  if (is_chosen) {
    return InvalidArgument("query parameter run: goes with the runs that are not deleted");
  }
  ASSIGN_OR_RETURN(const auto runs, call.context.store.ReadDeletedRuns());
  return JsonResponse(RunsJson(runs));
}

Result<Response> HandleRun(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  ASSIGN_OR_RETURN(const store::Run run, call.context.store.ReadRun(id));
  return RunResponse(run);
}

Result<Response> HandleRunSizes(const Call& call) {
  ASSIGN_OR_RETURN(const auto sizes, call.context.store.ReadRunSizes());
  return JsonResponse(RunSizesJson(sizes));
}

Result<Response> HandleEditRun(const Call& call) {
  store::RunChange change;
  ASSIGN_OR_RETURN(change.edit, ParseRunEdit(call.request.body));
  ASSIGN_OR_RETURN(change.revision, WantedRevision(call.request));
  const auto run = ChangeOne(call, std::move(change));
  if (run.ok()) return RunResponse(*run);
  // An edit conflicts with nothing but another revision.
  if (run.error().code != ErrorCode::kConflict) return run.error();
  return ProblemResponse(412, run.error().message, call.request.id);
}

Result<Response> HandleDeleteRun(const Call& call) {
  RETURN_IF_ERROR(ExpectNoBody(call.request));
  ASSIGN_OR_RETURN(const store::Run run, ChangeOne(call, {.action = Action::kDelete}));
  return RunResponse(run);
}

Result<Response> HandleRestoreRun(const Call& call) {
  RETURN_IF_ERROR(ExpectNoBody(call.request));
  ASSIGN_OR_RETURN(const store::Run run, ChangeOne(call, {.action = Action::kRestore}));
  return RunResponse(run);
}

Result<Response> HandlePurgeRun(const Call& call) {
  store::RunChange change{.action = Action::kPurge};
  ASSIGN_OR_RETURN(change.delete_files, ParsePurge(call.request.body));
  ASSIGN_OR_RETURN(const store::Run run, ChangeOne(call, std::move(change)));
  Response response = RunResponse(run);
  response.status = 202;
  return response;
}

Result<Response> HandleChangeRuns(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunChange change, ParseRunChange(call.request.body));
  ASSIGN_OR_RETURN(const auto runs, call.context.store.ChangeRuns(change));
  return JsonResponse(RunsJson(runs));
}

}  // namespace spirogram::web
