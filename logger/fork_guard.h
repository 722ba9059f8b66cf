// Threads do not come along when a process forks: in the child, what waits for one waits for ever,
// and a lock that one held is never given back. A host may fork at any time (workers that load
// data, daemons), so the logger has to know on which side it is.
#pragma once

#include <cstdint>

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

}  // namespace spirogram::logger
