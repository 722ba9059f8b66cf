#include "store/sub_runs.h"
#include "web/json.h"
#include "web/routes/handlers.h"
#include "web/tensorboard/pattern.h"

namespace spirogram::web {
namespace {

// More are counted, and read run by run.
constexpr size_t kWarningsPerAnswerMax = 2'000;

// Those of the parameter `run`; without it all that are not deleted.
Result<std::vector<store::RunId>> ChosenRuns(const Call& call) {
  ASSIGN_OR_RETURN(auto ids, call.query.Ids("run", kRunsPerQueryMax));
  if (call.query.Find("run") != nullptr) return ids;
  ASSIGN_OR_RETURN(const auto runs, call.context.store.ReadRuns());
  for (const store::Run& run : runs) ids.push_back(run.id);
  return ids;
}

}  // namespace

Result<Response> HandleWarnings(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t id, call.PathId());
  RETURN_IF_ERROR(call.context.store.ReadRun(id));
  ASSIGN_OR_RETURN(const auto warnings, call.context.store.ReadWarnings(id));
  return JsonResponse(WarningsJson(warnings));
}

Result<Response> HandleWarningsOfRuns(const Call& call) {
  ASSIGN_OR_RETURN(const auto ids, ChosenRuns(call));
  std::vector<store::Warning> listed;
  uint64_t total = 0;
  uint64_t bytes_lost = 0;
  for (const store::RunId id : ids) {
    ASSIGN_OR_RETURN(const auto warnings, call.context.store.ReadWarnings(id));
    total += warnings.size();
    for (const store::Warning& warning : warnings) {
      bytes_lost += warning.bytes_lost;
      if (listed.size() < kWarningsPerAnswerMax) listed.push_back(warning);
    }
  }
  return JsonResponse(WarningsOfRunsJson(listed, total, bytes_lost));
}

Result<Response> HandleTags(const Call& call) {
  ASSIGN_OR_RETURN(const auto runs, call.query.Ids("run", kRunsPerQueryMax));
  const std::string* match = call.query.Find("match_start");
  ASSIGN_OR_RETURN(auto tags, call.context.store.ReadTags(runs));
  if (match != nullptr) {
    ASSIGN_OR_RETURN(const auto pattern, tensorboard::Pattern::Compile(*match));
    std::erase_if(tags, [&](const auto& tag) { return !pattern.MatchesStart(tag.name); });
  }
  return JsonResponse(TagsJson(tags));
}

Result<Response> HandleHparams(const Call& call) {
  ASSIGN_OR_RETURN(const auto hparams, call.context.store.ReadHparams());
  ASSIGN_OR_RETURN(const auto runs, call.context.store.ReadRuns());
  return JsonResponse(HparamsJson(hparams, store::JoinSubRuns(runs, hparams)));
}

Result<Response> HandleFindings(const Call& call) {
  store::Store& store = call.context.store;
  ASSIGN_OR_RETURN(const auto ids, ChosenRuns(call));
  std::vector<std::pair<store::RunId, store::Diagnosis>> diagnoses;
  for (const store::RunId id : ids) {
    ASSIGN_OR_RETURN(store::Diagnosis diagnosis, store.ReadDiagnosis(id));
    diagnoses.emplace_back(id, std::move(diagnosis));
  }
  return JsonResponse(DiagnosesJson(diagnoses));
}

}  // namespace spirogram::web
