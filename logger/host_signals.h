// Keeps the host's signals away from the logger's threads.
#pragma once

#include <signal.h>

namespace spirogram::logger {

// Signals of the host are for the host's own threads. Blocks them for the calling thread, and so
// for the threads that it starts, until destroyed.
class HostSignalsBlocked {
 public:
  HostSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    // Faults of the thread itself must reach the host's crash handler.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, &old_);
  }
  ~HostSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &old_, nullptr); }
  HostSignalsBlocked(const HostSignalsBlocked&) = delete;
  HostSignalsBlocked& operator=(const HostSignalsBlocked&) = delete;

 private:
  sigset_t old_;
};

}  // namespace spirogram::logger
