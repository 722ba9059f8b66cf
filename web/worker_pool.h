// A few threads that run handlers, so that one that waits for the disk never holds up a socket.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace spirogram::web {

// Thread-safe.
class WorkerPool {
 public:
  // At most `waiting_max` tasks wait for a thread.
  WorkerPool(int threads, size_t waiting_max);
  // Finishes what waits, then joins.
  ~WorkerPool();

  // False when too many tasks wait. Tasks must not throw.
  bool TryRun(std::function<void()> task);

 private:
  void Work();

  const size_t waiting_max_;
  std::mutex mutex_;  // guards tasks_ and is_closed_
  std::condition_variable filled_;
  std::deque<std::function<void()>> tasks_;
  bool is_closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace spirogram::web
