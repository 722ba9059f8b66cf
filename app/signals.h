// Graceful stop on SIGINT and SIGTERM.
#pragma once

#include <stop_token>

namespace spirogram::app {

// Blocks SIGINT and SIGTERM in this thread and those it starts later, ignores SIGPIPE, and hands the
// signals to a thread of its own: the first requests a stop, a second ends the process at once with
// exit code 130. Make one in main before any other thread starts; it lives as long as the process.
class SignalStop {
 public:
  SignalStop();

  std::stop_token token() const { return source_.get_token(); }
  // Returns once a stop was requested.
  void Wait() const;

 private:
  std::stop_source source_;
};

}  // namespace spirogram::app
