#include "web/server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <thread>

#include "base/log.h"
#include "base/str.h"
#include "web/net/connection.h"

namespace spirogram::web {
namespace net {

using std::chrono::milliseconds;

constexpr milliseconds kAcceptPause{100};
constexpr size_t kWaitingRequestsMax = 1024;
constexpr int kIngestWorkers = 4;  // they wait for the disk, mostly

ConnectionSet::Id ConnectionSet::Add(std::weak_ptr<Connection> connection, size_t connections_max) {
  std::lock_guard lock(mutex_);
  if (is_closed_ || connections_.size() >= connections_max) return 0;
  connections_[++last_id_] = std::move(connection);
  return last_id_;
}

void ConnectionSet::Replace(Id id, std::weak_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  const auto found = connections_.find(id);
  if (found != connections_.end()) found->second = std::move(connection);
}

void ConnectionSet::Remove(Id id) {
  {
    std::lock_guard lock(mutex_);
    connections_.erase(id);
  }
  emptied_.notify_all();
}

void ConnectionSet::CloseAndVisit(const std::function<void(Connection&)>& action) {
  std::vector<std::weak_ptr<Connection>> open;
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (const auto& [id, connection] : connections_) open.push_back(connection);
  }
  for (const auto& weak : open) {
    if (const auto connection = weak.lock()) action(*connection);
  }
}

bool ConnectionSet::WaitUntilEmpty(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, timeout, [&] { return connections_.empty(); });
}

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

// Accepts on the first loop and deals the connections out to all of them in turn. One loop per core
// with connections that never change loops needs no strands and costs a fifth less than one loop
// with several threads.
class ServerImpl : public Server {
 public:
  ServerImpl(const ServerOptions& options, ServerContext context)
      : state_{
            options,
            Service(std::move(context), HostRules(options.host, options.allowed_hosts),
                    options.path_prefix),
            {},
            false,
            std::make_unique<WorkerPool>(std::max(1, options.worker_threads), kWaitingRequestsMax),
            std::make_unique<WorkerPool>(kIngestWorkers, kWaitingRequestsMax)} {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    const unsigned threads =
        options.io_threads > 0 ? static_cast<unsigned>(options.io_threads) : cores;
    for (unsigned i = 0; i < threads; ++i) {
      loops_.push_back(std::make_unique<asio::io_context>(1));
      // A loop's first I/O object opens its epoll and event descriptors, and Asio throws when there
      // are none left: so here, and not at the first connection.
      const Timer first(loops_.back()->get_executor());
    }
    acceptor_.emplace(loops_[0]->get_executor());
    pause_.emplace(loops_[0]->get_executor());
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): without memory to stop, ending here is right
  ~ServerImpl() override { ServerImpl::Stop(); }

  Status Listen() {
    ASSIGN_OR_RETURN(const tcp::endpoint endpoint, Resolve());
    boost::system::error_code error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return ListenError(error);
    port_ = acceptor_->local_endpoint(error).port();
    return Status();
  }

  void Run() {
    for (const auto& loop : loops_) {
      work_.push_back(asio::make_work_guard(*loop));
      threads_.emplace_back([&context = *loop] { context.run(); });
    }
    asio::post(*loops_[0], [this] { Accept(); });
  }

  uint16_t port() const override { return port_; }

  void OnCommit(const store::Commit& commit) override { state_.service.live().OnCommit(commit); }

  void Stop() override {
    std::lock_guard lock(stop_mutex_);
    if (is_stopped_) return;
    is_stopped_ = true;
    state_.is_stopping = true;
    asio::post(*loops_[0], [this] {
      boost::system::error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
    });
    const milliseconds drain(state_.options.drain_timeout_ms);
    state_.connections.CloseAndVisit([](Connection& connection) { connection.Drain(); });
    if (!threads_.empty() && !state_.connections.WaitUntilEmpty(drain)) {
      LogWarning("connections were cut: they did not end in time");
      state_.connections.CloseAndVisit([](Connection& connection) { connection.Abort(); });
      state_.connections.WaitUntilEmpty(milliseconds(1000));
    }
    work_.clear();
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
    // A handler still at work posts its answer to a loop that exists but no longer runs.
    state_.workers.reset();
    state_.ingest_workers.reset();
    boost::system::error_code ignored;
    acceptor_->close(ignored);
  }

 private:
  Result<tcp::endpoint> Resolve() const {
    const std::string& host = state_.options.host;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (!error) return tcp::endpoint(address, state_.options.port);
    asio::io_context context;
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(host, "", error);
    if (error || found.empty()) {
      return InvalidArgument(StrCat("host ", host, " is not an address or a known name"));
    }
    return tcp::endpoint(found.begin()->endpoint().address(), state_.options.port);
  }

  Error ListenError(boost::system::error_code error) const {
    const std::string where = StrCat("port ", state_.options.port, " on ", state_.options.host);
    if (error == asio::error::address_in_use) {
      return Unavailable(StrCat(where,
                                " is in use by another program; take another with --port, or "
                                "--port 0 for any free one"));
    }
    if (error == asio::error::access_denied) {
      return Permission(StrCat(where, " is reserved: ", error.message()));
    }
    return InvalidArgument(StrCat(where, " cannot be bound: ", error.message()));
  }

  void Accept() {
    if (!acceptor_->is_open()) return;
    asio::io_context& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(
        loop.get_executor(), [this, &loop](boost::system::error_code error, Socket socket) {
          if (error == asio::error::operation_aborted || state_.is_stopping) return;
          if (error) return PauseAfter(error);
          auto shared = std::make_shared<Socket>(std::move(socket));
          asio::post(loop, [this, shared] { StartHttpSession(state_, std::move(*shared)); });
          Accept();
        });
  }

  // Out of descriptors, mostly: the next attempt would fail as well, and the one after it.
  void PauseAfter(boost::system::error_code error) {
    LogWarning(StrCat("accept: ", error.message(), "; pausing"));
    pause_->expires_after(kAcceptPause);
    pause_->async_wait([this](boost::system::error_code wait_error) {
      if (!wait_error) Accept();
    });
  }

  ServerState state_;
  std::vector<std::unique_ptr<asio::io_context>> loops_;
  std::optional<Acceptor> acceptor_;  // used on loops_[0]
  std::optional<Timer> pause_;        // used on loops_[0]
  size_t next_loop_ = 0;              // used on loops_[0]
  uint16_t port_ = 0;
  std::vector<asio::executor_work_guard<Executor>> work_;
  std::vector<std::thread> threads_;
  std::mutex stop_mutex_;  // guards is_stopped_ and serializes Stop
  bool is_stopped_ = false;
};

}  // namespace
}  // namespace net

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, ServerContext context) {
  std::unique_ptr<net::ServerImpl> server;
  try {
    server = std::make_unique<net::ServerImpl>(options, std::move(context));
  } catch (const boost::system::system_error& error) {
    return Exhausted(StrCat("the server's loops cannot be made: ", error.code().message()));
  }
  RETURN_IF_ERROR(server->Listen());
  server->Run();
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace spirogram::web
