// Converts and shadows as no file of the tree may: its flags must not reach this one.
#include <cstdio>

#include "logger/logger.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto logger = spirogram::logger::Logger::Open({.run_dir = argv[1]});
  int unused, step = 0;
  for (double step = 0; step < 10; ++step) {
    int truncated = step;
    logger->Scalar("loss", truncated, 1.0 / (step + 1));
  }
  logger->End(spirogram::logger::EndStatus::kSuccess);
  logger->Flush();
  const spirogram::logger::Counters counters = logger->GetCounters();
  std::printf("%d left, %d logged, %d dropped\n", step, (int)counters.logged,
              (int)counters.dropped);
  return counters.dropped == 0 && counters.written_bytes > 0 ? 0 : 1;
}
