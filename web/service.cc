#include "web/service.h"

#include <atomic>
#include <random>
#include <utility>

#include "base/str.h"
#include "web/encoding.h"
#include "web/problem.h"
#include "web/router.h"
#include "web/tensorboard/call.h"
#include "web/tensorboard/path.h"

namespace spirogram::web {
namespace {

// Each holds a part of some MiB while it is sent.
constexpr int kExportsMax = 16;

// What every answer gets, wherever it comes from.
Response Finished(const Request& request, Response response) {
  if (response.Get("Cache-Control").empty()) response.Set("Cache-Control", "no-store");
  CompressResponse(request.Get("Accept-Encoding"), &response);
  AddSecurityHeaders(request.id, &response);
  response.is_head = request.method == "HEAD";
  return response;
}

// A bijection of 64-bit numbers (the finalizer of splitmix64): a counter becomes ids without order.
uint64_t Scramble(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

Service::Service(ServerContext context, HostRules hosts, PathPrefix prefix)
    : server_context_(std::move(context)),
      hosts_(std::move(hosts)),
      prefix_(std::move(prefix)),
      embeddings_(*server_context_.store),
      live_(
          server_context_.status.version, [this] { return server_context_.store->GetProgress(); },
          [this](int64_t id) { return projections_.ReadSnapshot(id); }),
      projections_(*server_context_.store, server_context_.projector, *server_context_.clock,
                   [this](const ProjectionSnapshot& snapshot) { live_.OnProjection(snapshot); }),
      exports_(kExportsMax),
      context_{.store = *server_context_.store,
               .projections = projections_,
               .embeddings = embeddings_,
               .status = server_context_.status,
               .ingest = server_context_.ingest,
               .exports = exports_,
               .analyses = analyses_,
               .analysis_memory_max = server_context_.projector.memory_max} {}

std::optional<Response> Service::Admit(Request* head) const {
  const PathPrefix::Place place = prefix_.Enter(&head->target);
  if (std::optional<Response> refusal = Refuse(*head)) return refusal;
  switch (place) {
    case PathPrefix::Place::kBelow:
      return std::nullopt;
    case PathPrefix::Place::kAt: {
      const std::string_view query = std::string_view(head->target).substr(head->path().size());
      Response response = TextResponse(308, "the pages are one slash further\n");
      response.Set("Location", StrCat(prefix_.text(), "/", query));
      return Finished(*head, std::move(response));
    }
    case PathPrefix::Place::kOutside:
      break;
  }
  return Finished(*head, ProblemResponse(404,
                                         StrCat("no such path: all of this server's begin with ",
                                                prefix_.text(), "/ (--path-prefix)"),
                                         head->id));
}

std::optional<Response> Service::Refuse(const Request& head) const {
  std::optional<Refusal> refusal = CheckOrigin(head, hosts_);
  if (!refusal) {
    refusal = CheckBody(head);
    // Which body a path takes, another method does not say.
    auto answer = refusal ? AnswerOtherMethod(Routes(), head) : std::nullopt;
    if (answer) return Finished(head, *std::move(answer));
  }
  if (!refusal) return std::nullopt;
  return Finished(head, ProblemResponse(refusal->status, refusal->detail, head.id));
}

Response Service::Handle(const Request& request) noexcept {
  try {
    if (tensorboard::IsTensorBoardPath(request.path())) {
      return Finished(request, tensorboard::Dispatch(request, context_));
    }
    if (IsApiPath(request.path())) {
      return Finished(request, Dispatch(Routes(), request, context_));
    }
    return Finished(request, ServeStatic(request, server_context_.static_files));
  } catch (...) {
    // Out of memory, most likely; the answer below needs little.
    return TransportProblem(500, "the server's log says more under this request id", request.id);
  }
}

Response Service::TransportProblem(int status, std::string_view detail,
                                   const std::string& request_id) {
  Response response = ProblemResponse(status, detail, request_id);
  response.Set("Cache-Control", "no-store");
  AddSecurityHeaders(request_id, &response);
  return response;
}

std::string Service::NewRequestId() {
  static std::atomic<uint64_t> next = [] {
    std::random_device random;
    return (uint64_t{random()} << 32) | random();
  }();
  const uint64_t id = Scramble(next.fetch_add(1, std::memory_order_relaxed));
  // Two halves of "0x12345678" without their prefixes.
  return Hex32(static_cast<uint32_t>(id >> 32)).substr(2) +
         Hex32(static_cast<uint32_t>(id)).substr(2);
}

}  // namespace spirogram::web
