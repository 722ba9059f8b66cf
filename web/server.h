// The server: HTTP/1.1 and WebSocket over the API of docs/api.md and the embedded web app.
//
//   ServerContext context;
//   context.store = store.get();
//   context.projector = {projector::Pca, projector::Tsne, projector::Umap};
//   auto server = Server::Start({.port = 6006}, context);
//   store->OnCommit([&](const store::Commit& c) { (*server)->OnCommit(c); });
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "web/context.h"
#include "web/path_prefix.h"

namespace spirogram::web {

struct ServerOptions {
  // Basic.
  std::string host = "127.0.0.1";  // an address or a name; "0.0.0.0" and "::" bind every address
  uint16_t port = 6006;            // 0 takes a free one
  PathPrefix path_prefix = {};     // below which all other paths lie
  std::vector<std::string> allowed_hosts = {};  // further names that browsers may use, without port
  // Performance.
  int io_threads = 0;      // 0: as many as the machine has cores
  int worker_threads = 4;  // run handlers, which wait for the disk
  // Bounds.
  int connections_max = 1024;  // further ones are answered 503
  int header_timeout_ms = 10'000;
  int body_timeout_ms = 30'000;
  int idle_timeout_ms = 60'000;  // between requests; also for the peer of a WebSocket
  int live_write_timeout_ms = 30'000;
  int drain_timeout_ms = 10'000;  // Stop waits this long for requests under way
};

// Thread-safe.
class Server {
 public:
  // Returns once connections are accepted. Errors: kUnavailable (port in use), kPermission (port
  // reserved for root), kInvalidArgument (host does not name an address of this machine),
  // kExhausted (no file descriptors are left).
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, ServerContext context);

  // Calls Stop().
  virtual ~Server() = default;

  // The port that is bound, also where options.port was 0.
  virtual uint16_t port() const = 0;

  // Stops accepting, closes WebSockets with 1001, lets requests under way finish for at most
  // drain_timeout_ms, and joins all threads. Idempotent; not to be called from a handler.
  virtual void Stop() = 0;

  // For the store's listener: tells the live pages. Quick, and does not call the store.
  virtual void OnCommit(const store::Commit& commit) = 0;
};

}  // namespace spirogram::web
