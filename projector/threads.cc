#include "projector/threads.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "base/check.h"

namespace spirogram::projector {
namespace {

constexpr int kThreadsMax = 256;
constexpr int kLowestPriority = 19;

// A thread works for this long at least before it sleeps.
constexpr int64_t kWorkNs = 250'000;
// And sleeps no longer than this: the cores may be free again.
constexpr double kSleepMaxNs = 250e6;

// Of the calling thread alone: in Linux priorities belong to threads. The lowest nice value weighs
// 15 beside the 1,024 of others; an idle thread's weight of 3 would all but stop a map on a busy
// machine. Where the priority cannot be lowered the work is done all the same.
void LowerPriority() {
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestPriority));
}

int64_t ThreadCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// Returns early once `stop` is requested.
void SleepFor(std::chrono::nanoseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

ThreadPool::ThreadPool(int threads, Courtesy courtesy) {
  const bool yields = courtesy != Courtesy::kNone;
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency());
  threads = std::clamp(threads, 1, kThreadsMax);
  if (courtesy == Courtesy::kStepAside) spare_time_ = std::make_unique<SpareTime>();
  try {
    for (int i = yields ? 0 : 1; i < threads; ++i) {
      workers_.emplace_back([this, yields] {
        if (yields) LowerPriority();
        Work();
      });
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are do the work.
  }
  does_caller_work_ = !yields || workers_.empty();
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

bool ThreadPool::ForBlocks(int64_t rows, int64_t block_rows, const std::stop_token& stop,
                           const std::function<void(int64_t, int64_t)>& body) {
  CHECK(block_rows >= 1);
  Loop loop;
  loop.rows = rows;
  loop.block_rows = block_rows;
  loop.stop = &stop;
  loop.body = &body;
  const bool is_shared = !does_caller_work_ || (rows > block_rows && !workers_.empty());
  if (is_shared) {
    {
      const std::lock_guard lock(mutex_);
      loop_ = &loop;
      ++loops_;
    }
    wake_.notify_all();
  }
  if (does_caller_work_) Run(&loop);
  if (is_shared) {
    std::unique_lock lock(mutex_);
    if (!does_caller_work_) idle_.wait(lock, [&] { return loop.is_taken; });
    loop_ = nullptr;  // whoever wakes now has come too late and sleeps on
    idle_.wait(lock, [this] { return busy_workers_ == 0; });
  }
  return !loop.is_stopped;
}

void ThreadPool::Run(Loop* loop) {
  while (true) {
    const int64_t begin = loop->next.fetch_add(loop->block_rows);
    if (begin >= loop->rows) return;
    if (loop->stop->stop_requested()) {
      loop->is_stopped = true;
      return;
    }
    (*loop->body)(begin, std::min(begin + loop->block_rows, loop->rows));
    GiveWay(*loop->stop);
  }
}

void ThreadPool::GiveWay(const std::stop_token& stop) {
  // A loop that cannot be stopped is short: what it owes is slept off in one that can.
  if (!spare_time_ || !stop.stop_possible()) return;
  thread_local int64_t slept_at_ns = 0;  // in processor time
  const int64_t now_ns = ThreadCpuNs();
  const int64_t worked_ns = now_ns - slept_at_ns;
  if (worked_ns < kWorkNs) return;
  slept_at_ns = now_ns;
  const double share = spare_time_->Share();
  if (share >= 1) return;
  const double sleep_ns = std::min(static_cast<double>(worked_ns) * (1 / share - 1), kSleepMaxNs);
  SleepFor(std::chrono::nanoseconds(static_cast<int64_t>(sleep_ns)), stop);
}

void ThreadPool::Work() {
  uint64_t loops_seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return is_closing_ || (loop_ != nullptr && loops_ != loops_seen); });
    if (is_closing_) return;
    loops_seen = loops_;
    Loop* loop = loop_;
    ++busy_workers_;
    lock.unlock();
    Run(loop);
    lock.lock();
    loop->is_taken = true;
    if (--busy_workers_ == 0) idle_.notify_one();
  }
}

}  // namespace spirogram::projector
