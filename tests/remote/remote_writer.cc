// Logs one tag to a server until it is killed, or a number of steps, and says what is in its files:
//   remote_writer URL RUN TAG SPOOL_DIR [STEPS]
// Step i carries the value i * 0.5 (exact in float32 below 2^24). After every flush it prints the
// number of steps that the spool holds, one number a line; with STEPS it ends by itself and prints
// the bytes that have not reached the server.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "logger/logger.h"

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: remote_writer URL RUN TAG SPOOL_DIR [STEPS]\n");
    return 2;
  }
  const int64_t steps = argc > 5 ? std::atoll(argv[5]) : INT64_MAX;
  const auto logger = spirogram::logger::Logger::Open(
      {.url = argv[1], .run = argv[2], .spool_dir = argv[4], .flush_interval_ms = 20});
  for (int64_t step = 0; step < steps;) {
    for (const int64_t end = step + 100; step < end; ++step) {
      logger->Scalar(argv[3], step, static_cast<double>(step) * 0.5);
    }
    logger->Flush();
    if (logger->GetCounters().dropped > 0) return 1;
    std::printf("%lld\n", static_cast<long long>(step));
    std::fflush(stdout);
    usleep(1000);  // a pace that lets the whole be counted afterwards
  }
  const auto left = logger->WaitForUpload(60'000);
  std::printf("left %llu %s\n", static_cast<unsigned long long>(left.waiting_bytes),
              left.failure.c_str());
  return left.waiting_bytes == 0 ? 0 : 1;
}
