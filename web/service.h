// The whole of the server without its sockets: a request in, a response out. web/net/ carries the
// bytes; tests call this directly.
#pragma once

#include <optional>
#include <string>

#include "store/answers.h"
#include "web/context.h"
#include "web/live_hub.h"
#include "web/message.h"
#include "web/path_prefix.h"
#include "web/projection_jobs.h"
#include "web/security.h"

namespace spirogram::web {

// Thread-safe.
class Service {
 public:
  // `context`'s pointers must outlive the service.
  Service(ServerContext context, HostRules hosts, PathPrefix prefix = {});

  // What the transport asks first: takes the prefix off the target, and then is Refuse. Requests
  // for what does not lie below the prefix are refused too.
  std::optional<Response> Admit(Request* head) const;

  // What the head alone decides, before a body is read: foreign host or site, wrong or too large
  // body. Nothing when the request may go on. Never blocks.
  std::optional<Response> Refuse(const Request& head) const;

  // The answer to a request that Refuse let pass. May block for the disk; never throws.
  Response Handle(const Request& request) noexcept;

  // An error that the transport found, in the same form as all others.
  static Response TransportProblem(int status, std::string_view detail,
                                   const std::string& request_id);

  // Unique in the life of this process and not guessable from outside: 16 hex digits.
  static std::string NewRequestId();

  static bool IsLivePath(std::string_view path) { return path == "/api/v1/live"; }
  LiveHub& live() { return live_; }

 private:
  ServerContext server_context_;
  HostRules hosts_;
  PathPrefix prefix_;
  EmbeddingCache embeddings_;
  LiveHub live_;
  ProjectionJobs projections_;  // after live_: its thread tells live_ until it is joined
  Slots exports_;
  BackgroundAnswers analyses_;
  Context context_;
};

}  // namespace spirogram::web
