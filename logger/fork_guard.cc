#include "logger/fork_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace spirogram::logger {
namespace {

std::atomic<uint64_t> forks{0};

constexpr int kNoDescriptor = -1;

struct Slot {
  std::atomic<int> fd = kNoDescriptor;
};
Slot kept[64];

// In the child, of whose parent's threads any may have held a lock: system calls alone.
void LetGoOfKept() {
  const int errno_before = errno;
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (Slot& slot : kept) {
    const int fd = slot.fd.exchange(kNoDescriptor, std::memory_order_relaxed);
    if (fd != kNoDescriptor && null >= 0) dup3(null, fd, O_CLOEXEC);
  }
  if (null >= 0) close(null);
  errno = errno_before;
}

void WatchForks() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] {
    forks.fetch_add(1, std::memory_order_relaxed);
    LetGoOfKept();
  });
  static_cast<void>(registered);  // without memory for it, a fork goes unseen
}

}  // namespace

ForkGuard::ForkGuard() {
  WatchForks();
  forks_ = forks.load(std::memory_order_relaxed);
}

bool ForkGuard::IsInFork() const {
  return forks.load(std::memory_order_relaxed) != forks_;
}

KeptFromForks::KeptFromForks(int fd) {
  WatchForks();
  for (Slot& slot : kept) {
    int none = kNoDescriptor;
    if (!slot.fd.compare_exchange_strong(none, fd)) continue;
    slot_ = &slot.fd;
    return;
  }
}

KeptFromForks::~KeptFromForks() {
  if (slot_ != nullptr) *slot_ = kNoDescriptor;
}

}  // namespace spirogram::logger
