// What all sessions share: the state of the server, the set of open connections and the lazy
// deadline. Private to web/net/.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "web/server.h"
#include "web/service.h"
#include "web/worker_pool.h"

namespace spirogram::web::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
// Naming the executor spares the type-erased one, which costs about a microsecond per request.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// An open connection, whatever it speaks. Both calls come from any thread.
class Connection {
 public:
  virtual ~Connection() = default;
  // Ends when what is under way is done; at once when nothing is.
  virtual void Drain() = 0;
  virtual void Abort() = 0;
};

// The open connections, so that Stop can reach and await them. Thread-safe.
class ConnectionSet {
 public:
  using Id = uint64_t;

  // 0 when `connections_max` are open or the server stops.
  Id Add(std::weak_ptr<Connection> connection, size_t connections_max);
  // For a connection that changes its protocol and keeps its place.
  void Replace(Id id, std::weak_ptr<Connection> connection);
  void Remove(Id id);
  // Refuses new ones and calls `action` with each that is open.
  void CloseAndVisit(const std::function<void(Connection&)>& action);
  // False when connections are still open after `timeout`.
  bool WaitUntilEmpty(std::chrono::milliseconds timeout);

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable emptied_;
  std::unordered_map<Id, std::weak_ptr<Connection>> connections_;
  Id last_id_ = 0;
  bool is_closed_ = false;
};

// One for all sessions; outlives them.
struct ServerState {
  const ServerOptions options;
  Service service;
  ConnectionSet connections;
  std::atomic<bool> is_stopping = false;
  std::unique_ptr<WorkerPool> workers;
  // What is sent waits for the disk to keep it: pages do not wait behind that.
  std::unique_ptr<WorkerPool> ingest_workers;
  std::atomic<int> large_bodies = 0;  // being read or handled
};

// Bounds the memory that bodies over kBodyBytesMax take.
inline constexpr int kLargeBodiesMax = 16;

// The right to hold a large body, given back with its owner.
class LargeBodySlot {
 public:
  // Empty when there are too many.
  static std::optional<LargeBodySlot> Take(ServerState& state) {
    if (state.large_bodies.fetch_add(1) < kLargeBodiesMax) return LargeBodySlot(state);
    state.large_bodies.fetch_sub(1);
    return std::nullopt;
  }
  LargeBodySlot(LargeBodySlot&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  LargeBodySlot& operator=(LargeBodySlot&&) = delete;
  ~LargeBodySlot() {
    if (state_ != nullptr) state_->large_bodies.fetch_sub(1);
  }

 private:
  explicit LargeBodySlot(ServerState& state) : state_(&state) {}

  ServerState* state_;
};

// A place in the set that is given up with its owner.
class ConnectionSlot {
 public:
  ConnectionSlot(ServerState& state, ConnectionSet::Id id) : state_(&state), id_(id) {}
  ConnectionSlot(ConnectionSlot&& other) noexcept
      : state_(other.state_), id_(std::exchange(other.id_, 0)) {}
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ~ConnectionSlot() {
    if (id_ != 0) state_->connections.Remove(id_);
  }
  ConnectionSet::Id id() const { return id_; }

 private:
  ServerState* state_;
  ConnectionSet::Id id_;
};

// A deadline that moves with every step of a session. The timer is only touched when the deadline
// comes nearer than it; when it moves away, the timer finds out as it fires. Used on the session's
// executor.
template <typename Owner>
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadline(const Executor& executor) : timer_(executor) {}

  // In the place of what was set before. `owner` is kept alive while the timer runs; `on_expiry` is
  // called on its executor.
  void Set(std::chrono::milliseconds delay, std::shared_ptr<Owner> owner,
           void (Owner::*on_expiry)()) {
    deadline_ = Clock::now() + delay;
    on_expiry_ = on_expiry;
    if (!is_armed_ || deadline_ < timer_.expiry()) Arm(std::move(owner));
  }
  // Ends the timer and what it keeps alive.
  void Cancel() {
    is_cancelled_ = true;
    timer_.cancel();
  }

 private:
  void Arm(std::shared_ptr<Owner> owner) {
    if (is_cancelled_) return;
    is_armed_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([this, owner = std::move(owner)](boost::system::error_code error) {
      if (error || is_cancelled_) return;  // set anew or ended
      if (Clock::now() < deadline_) return Arm(owner);
      is_armed_ = false;
      (owner.get()->*on_expiry_)();
    });
  }

  Timer timer_;
  Clock::time_point deadline_;
  void (Owner::*on_expiry_)() = nullptr;
  bool is_armed_ = false;
  bool is_cancelled_ = false;
};

// Serves a fresh connection until it ends. Called on the socket's executor.
void StartHttpSession(ServerState& state, Socket socket);

}  // namespace spirogram::web::net
