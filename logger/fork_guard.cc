#include "logger/fork_guard.h"

#include <pthread.h>

#include <atomic>

namespace spirogram::logger {
namespace {

std::atomic<uint64_t> forks{0};

}  // namespace

ForkGuard::ForkGuard() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);  // without memory for it, a fork goes unseen
  forks_ = forks.load(std::memory_order_relaxed);
}

bool ForkGuard::IsInFork() const {
  return forks.load(std::memory_order_relaxed) != forks_;
}

}  // namespace spirogram::logger
