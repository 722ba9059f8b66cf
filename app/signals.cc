#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace spirogram::app {

SignalStop::SignalStop() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // Detached: it waits in the kernel until the process ends.
  std::thread([source = source_, set]() mutable {
    int number = 0;
    sigwait(&set, &number);
    source.request_stop();
    sigwait(&set, &number);
    _exit(130);
  }).detach();
}

void SignalStop::Wait() const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, source_.get_token(), [] { return false; });
}

}  // namespace spirogram::app
