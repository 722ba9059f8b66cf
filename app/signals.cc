#include "app/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/check.h"

namespace spirogram::app {
namespace {

// A handler may only do what is async-signal-safe: it writes a byte, and a thread reads it.
std::atomic<int> signal_pipe{-1};
std::atomic<int> first_signal{0};

// As shells count a program that a signal ended.
int ExitCodeOf(int signal) {
  return 128 + signal;
}

void HandleSignal(int signal) {
  if (int none = 0; !first_signal.compare_exchange_strong(none, signal)) _exit(ExitCodeOf(signal));
  const int saved_errno = errno;
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = write(signal_pipe, &byte, 1);
  errno = saved_errno;
}

}  // namespace

SignalStop::SignalStop() {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  signal_pipe = ends[1];
  struct sigaction action {};
  action.sa_handler = HandleSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // Detached: it waits in the kernel until the process ends.
  std::thread([source = source_, read_end = ends[0]]() mutable {
    char byte;
    while (read(read_end, &byte, 1) < 0 && errno == EINTR) {
    }
    source.request_stop();
  }).detach();
}

void SignalStop::Wait() const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, source_.get_token(), [] { return false; });
}

int SignalStop::exit_code() const {
  return ExitCodeOf(first_signal);
}

}  // namespace spirogram::app
