// Logs scalars and prints what that took as one line of JSON: what compare_logger runs beside
// tensorboardX. The thread's time is the caller's alone, the process's the writer's as well.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/str.h"
#include "bench/seconds.h"
#include "logger/logger.h"

namespace spirogram::logger {
namespace {

using bench::Seconds;

int Run(const std::string& run_dir, Step steps) {
  const std::string tags[] = {"train/loss", "train/accuracy", "train/lr", "train/grad_norm"};
  const auto calls = static_cast<size_t>(steps) * std::size(tags);
  const double began = Seconds(CLOCK_MONOTONIC);
  std::unique_ptr<Logger> logger = Logger::Open({.run_dir = run_dir, .queue_items_max = calls + 1});
  const double caller_began = Seconds(CLOCK_THREAD_CPUTIME_ID);
  for (Step step = 0; step < steps; ++step) {
    double value = static_cast<double>(step) / 2;
    for (const std::string& tag : tags) logger->Scalar(tag, step, value++);
  }
  const double caller_seconds = Seconds(CLOCK_THREAD_CPUTIME_ID) - caller_began;
  logger->Flush();
  const Counters counters = logger->GetCounters();
  logger.reset();
  std::printf(
      "{\"calls\":%zu,\"dropped\":%llu,\"caller_seconds\":%.6f,\"cpu_seconds\":%.6f,"
      "\"seconds\":%.6f}\n",
      calls, static_cast<unsigned long long>(counters.dropped), caller_seconds,
      Seconds(CLOCK_PROCESS_CPUTIME_ID), Seconds(CLOCK_MONOTONIC) - began);
  return 0;
}

}  // namespace
}  // namespace spirogram::logger

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s RUN_DIR STEPS\n", argv[0]);
    return 2;
  }
  return spirogram::logger::Run(argv[1], std::atoll(argv[2]));
}
