// Logs one tag without end until it is killed, and says what is certainly in the file:
//   crash_writer RUN_DIR TAG
// Step i carries the value i * 0.5 (exact in float32 below 2^24). After every flush it prints the
// number of steps that the file holds, one number a line.
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "logger/logger.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: crash_writer RUN_DIR TAG\n");
    return 2;
  }
  const auto logger = spirogram::logger::Logger::Open({.run_dir = argv[1]});
  for (int64_t step = 0;;) {
    for (const int64_t end = step + 100; step < end; ++step) {
      logger->Scalar(argv[2], step, static_cast<double>(step) * 0.5);
    }
    logger->Flush();
    if (logger->GetCounters().dropped > 0) return 1;
    std::printf("%lld\n", static_cast<long long>(step));
    std::fflush(stdout);
    usleep(500);  // a pace that lets the whole be counted afterwards
  }
}
