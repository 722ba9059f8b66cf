#include "app/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/cleanup.h"

namespace spirogram::app {
namespace {

// A handler may only do what is async-signal-safe: it writes a byte, and a thread reads it.
std::atomic<int> signal_pipe{-1};
std::atomic<int> first_signal{0};
std::atomic<int64_t> first_signal_ns{0};

// Within this time a signal is another way of the first one: a Ctrl-C reaches a program from the
// terminal and from what started it, and `timeout` signals its child and then its group.
constexpr int64_t kSameNs = 300'000'000;

int64_t MonotonicNs() {  // async-signal-safe
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{1'000'000'000} * now.tv_sec + now.tv_nsec;
}

// As shells count a program that a signal ended.
int ExitCodeOf(int signal) {
  return 128 + signal;
}

// False where a signal came before this one.
bool TakeFirst(int signal) {
  int none = 0;
  if (!first_signal.compare_exchange_strong(none, signal)) return false;
  first_signal_ns = MonotonicNs();
  const int saved_errno = errno;
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = write(signal_pipe, &byte, 1);
  errno = saved_errno;
  return true;
}

void HandleSignal(int signal) {
  if (TakeFirst(signal)) return;
  // 0: another thread is about to set it.
  const int64_t first_ns = first_signal_ns;
  if (first_ns != 0 && MonotonicNs() - first_ns > kSameNs) _exit(ExitCodeOf(signal));
}

// SIGPIPE. Nobody sends it: the thread that writes gets it where its reader has gone, as `head` has
// once it has read enough. It may not go on, and it may not end the program before the cleanups
// have run, also where those run for a Ctrl-C that the reader got as well.
void HandleBrokenPipe(int signal) {
  TakeFirst(signal);
  while (true) pause();
}

void Handle(int signal, void (*handler)(int) = HandleSignal) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

bool IsIgnored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Calls `then` on a thread of its own once a handled signal has come. Before any is handled.
void WaitForSignal(std::function<void()> then) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  signal_pipe = ends[1];
  // Detached: it waits in the kernel until the process ends.
  std::thread([then = std::move(then), read_end = ends[0]] {
    char byte;
    while (read(read_end, &byte, 1) < 0 && errno == EINTR) {
    }
    then();
  }).detach();
}

}  // namespace

SignalStop::SignalStop() {
  WaitForSignal([source = source_]() mutable { source.request_stop(); });
  Handle(SIGINT);
  Handle(SIGTERM);
  signal(SIGPIPE, SIG_IGN);
}

SignalCleanup::SignalCleanup() {
  WaitForSignal([] {
    RunCleanups();
    const int number = first_signal;
    signal(number, SIG_DFL);
    kill(getpid(), number);
  });
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!IsIgnored(number)) Handle(number);
  }
  if (!IsIgnored(SIGPIPE)) Handle(SIGPIPE, HandleBrokenPipe);
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
