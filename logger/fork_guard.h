// Threads do not come along when a process forks: in the child, what waits for one waits for ever,
// and a lock that one held is never given back. Descriptors do come along, with the locks of files.
// A host may fork at any time (workers that load data, daemons), so the logger has to know on which
// side it is.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace spirogram::logger {

// Stays with the process that made it. Thread-safe; asking costs a load.
class ForkGuard {
 public:
  ForkGuard();

  // In a process that forked from the one that made this, or from a fork of it.
  bool IsInFork() const;

 private:
  uint64_t forks_;  // that lay between this process and the first, when this was made
};

// While it lives, a fork gets /dev/null in the place of the descriptor: a lock (flock) on its file
// then ends with this process, though a fork lives on. Destroy it before the descriptor is closed.
// Thread-safe. Of more than 64 at a time the last are kept from no fork.
class KeptFromForks {
 public:
  explicit KeptFromForks(int fd);
  KeptFromForks(KeptFromForks&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  KeptFromForks& operator=(KeptFromForks&&) = delete;
  ~KeptFromForks();

 private:
  std::atomic<int>* slot_ = nullptr;
};

}  // namespace spirogram::logger
