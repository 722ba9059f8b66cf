#include <optional>

#include "base/log.h"
#include "base/str.h"
#include "web/json.h"
#include "web/problem.h"
#include "web/routes/handlers.h"

namespace spirogram::web {

Result<Response> HandleStatus(const Call& call) {
  store::Store& store = call.context.store;
  std::optional<store::StorageState> ingest;
  if (call.context.ingest != nullptr) ingest = call.context.ingest->GetState();
  return JsonResponse(
      StatusJson(call.context.status, store.GetProgress(), store.GetStorageState(), ingest));
}

Result<Response> HandleStorage(const Call& call) {
  ASSIGN_OR_RETURN(const store::StorageUse use, call.context.store.ReadStorageUse());
  return JsonResponse(StorageJson(use));
}

Result<Response> HandleOpenApi(const Call&) {
  return JsonResponse(std::string(OpenApiJson()));
}

Result<Response> HandleHealthy(const Call&) {
  return TextResponse(200, "ok\n");
}

Result<Response> HandleReady(const Call& call) {
  const auto runs = call.context.store.ReadRuns();
  if (runs.ok()) return TextResponse(200, "ok\n");
  LogWarning(StrCat("not ready: ", runs.error().ToString()));
  return Unavailable("the database does not answer");
}

Result<Response> HandleLiveWithoutUpgrade(const Call& call) {
  Response response = ProblemResponse(
      426, "this path speaks WebSocket: ask with Upgrade: websocket", call.request.id);
  response.Set("Upgrade", "websocket");
  response.Set("Connection", "Upgrade");
  return response;
}

}  // namespace spirogram::web
