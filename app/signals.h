// Graceful stop on SIGINT and SIGTERM.
#pragma once

#include <stop_token>

namespace spirogram::app {

// The first SIGINT or SIGTERM requests a stop; a second, unless it comes along with the first, ends
// the process at once. SIGPIPE is ignored. Handlers, not a blocked mask: OpenBLAS starts threads
// before main, and a signal may reach any of them. Make one in main; it lives as long as the
// process.
class SignalStop {
 public:
  SignalStop();

  std::stop_token token() const { return source_.get_token(); }
  // Returns once a stop was requested.
  void Wait() const;
  // Of a program that a signal stopped before its work was done, as shells count it: 128 and the
  // number of the signal, so 130 after Ctrl-C and 143 after SIGTERM. REQUIRES: a stop was
  // requested.
  int exit_code() const;

 private:
  std::stop_source source_;
};

// For a command that has no half way at which to stop: the first SIGINT, SIGTERM, SIGHUP or SIGPIPE
// calls RunCleanups and then ends the process as it would have without this. One that is ignored,
// as by nohup, stays so. Make one in main; it lives as long as the process.
class SignalCleanup {
 public:
  SignalCleanup();
};

}  // namespace spirogram::app
