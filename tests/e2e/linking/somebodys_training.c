/* Links the logger's C interface, and no C++. */
#include "logger/logger_c.h"

int main(int argc, char** argv) {
  spirogram_logger_options options = {sizeof options};
  spirogram_logger_counters counters = {sizeof counters};
  spirogram_logger* logger;
  int64_t step;
  if (argc != 2) return 2;
  options.run_dir = argv[1];
  logger = spirogram_logger_open(&options);
  for (step = 0; step < 10; ++step) spirogram_logger_scalar(logger, "loss", step, 1.0 / (step + 1));
  spirogram_logger_end(logger, SPIROGRAM_END_SUCCESS);
  spirogram_logger_flush(logger);
  spirogram_logger_get_counters(logger, &counters);
  spirogram_logger_close(logger);
  return counters.dropped == 0 && counters.written_bytes > 0 ? 0 : 1;
}
