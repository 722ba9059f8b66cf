// A loop over blocks of rows on a few threads.
//
// Idle threads sleep and the caller never waits for a thread that has not begun to work: where a
// training job owns the cores, a barrier that spins makes the same map take ten times as long.
// What a block computes must not depend on which thread runs it; then no result here depends on the
// number of threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "projector/courtesy.h"
#include "projector/spare_time.h"

namespace spirogram::projector {

// Not thread-safe: one caller at a time.
class ThreadPool {
 public:
  // `threads` counts the caller too; 0 means as many as the machine has cores. A pool that yields
  // works at the lowest priority, and one that steps aside sleeps besides between blocks while
  // others want the cores (spare_time.h): on threads of its own alone, since the caller's own
  // priority could be lowered but not raised again.
  explicit ThreadPool(int threads, Courtesy courtesy = Courtesy::kNone);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + (does_caller_work_ ? 1 : 0); }

  // Calls body(begin, end) for each block of at most `block_rows` rows of [0, rows), and returns
  // when all are done. False: `stop` was requested and some blocks did not run.
  // REQUIRES: block_rows >= 1; body is safe to call from several threads and does not throw.
  bool ForBlocks(int64_t rows, int64_t block_rows, const std::stop_token& stop,
                 const std::function<void(int64_t begin, int64_t end)>& body);

  // For a block that takes long, from within it: sleeps, where the pool steps aside and others want
  // the cores, until `stop` is requested at the latest.
  void GiveWay(const std::stop_token& stop);

 private:
  struct Loop {
    int64_t rows = 0;
    int64_t block_rows = 1;
    const std::stop_token* stop = nullptr;
    const std::function<void(int64_t, int64_t)>* body = nullptr;
    std::atomic<int64_t> next{0};
    std::atomic<bool> is_stopped{false};
    bool is_taken = false;  // guarded by mutex_: no block is left to give away
  };

  void Run(Loop* loop);
  void Work();

  std::unique_ptr<SpareTime> spare_time_;  // of a pool that steps aside
  std::mutex mutex_;                       // guards the members below
  Loop* loop_ = nullptr;                   // not owned; set while ForBlocks has blocks to give away
  uint64_t loops_ = 0;                     // how many there were: a worker joins each at most once
  int busy_workers_ = 0;                   // workers that hold a pointer to the loop
  bool is_closing_ = false;
  bool does_caller_work_ = true;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<std::thread> workers_;
};

}  // namespace spirogram::projector
