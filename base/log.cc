#include "base/log.h"

#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "base/printable.h"

namespace spirogram {
namespace {

// Names in a message come from files and requests: none may rewrite the terminal, or look like a
// line of its own.
std::string LineOf(std::string_view message) {
  std::string line = ToPrintable(message);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

void WriteToStderr(LogLevel level, std::string_view message) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
  std::fprintf(stderr, "%s.%03ldZ %c %s\n", time, now.tv_nsec / 1'000'000,
               "IWE"[static_cast<int>(level)], LineOf(message).c_str());
}

std::mutex mutex;  // guards sink
LogSink sink;

// The thread that holds the lock while another one forks does not come along to give it back.
[[maybe_unused]] const int fork_handler =
    pthread_atfork(nullptr, nullptr, [] { new (&mutex) std::mutex; });

}  // namespace

void SetLogSink(LogSink new_sink) {
  std::lock_guard lock(mutex);
  sink = std::move(new_sink);
}

void Log(LogLevel level, std::string_view message) {
  std::lock_guard lock(mutex);
  if (sink) {
    sink(level, message);
  } else {
    WriteToStderr(level, message);
  }
}

}  // namespace spirogram
