/* log_every_kind.cc by way of C: the same values, for the same checks. */
#include <math.h>
#include <stddef.h>

#include "logger/logger_c.h"

static void log_scalars(spirogram_logger* logger) {
  for (int64_t step = 0; step < 10; ++step) {
    spirogram_logger_scalar(logger, "loss/train", step, 1.0 / (double)(step + 1));
  }
  spirogram_logger_scalar(logger, "not_finite", 0, NAN);
  spirogram_logger_scalar(logger, "not_finite", 1, INFINITY);
  spirogram_logger_scalar(logger, "Verlust/\xF0\x9F\xAB\x81", 0, 0.5);
}

static void log_histograms(spirogram_logger* logger) {
  float values[1002];
  for (int i = 0; i <= 1000; ++i) values[i] = (float)(i - 500) / 100.0f;
  values[1001] = NAN;
  spirogram_logger_histogram(logger, "weights", 3, values, 1002);
  spirogram_logger_histogram(logger, "empty", 3, NULL, 0);
}

static void log_image(spirogram_logger* logger) {
  uint8_t pixels[3][4][3];
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int c = 0; c < 3; ++c) pixels[y][x][c] = (uint8_t)(10 * x + 20 * y + 50 * c);
    }
  }
  spirogram_logger_image(logger, "sample", 5, &pixels[0][0][0], 4, 3, 3);
}

static void log_embeddings(spirogram_logger* logger) {
  const float table[] = {0.1f, 0.2f, -0.3f, 0.4f, 0.5f, -0.6f};
  const char* const columns[] = {"city", "new"};
  const char* const cells[] = {"Oslo", "Lima\tx", "Bern", "0", "1", "0"};
  const spirogram_metadata metadata = {.column_count = 2, .columns = columns, .cells = cells};
  const float zeros[4] = {0};
  spirogram_logger_embedding(logger, "embeddings/item", 6, table, 3, 2, &metadata);
  spirogram_logger_embedding(logger, "zeros", 6, zeros, 2, 2, NULL);
}

static void log_stats(spirogram_logger* logger) {
  const char* const columns[] = {"active_count"};
  const float values[] = {1, 2, 3};
  const spirogram_entity_stats stats = {.size = sizeof stats,
                                        .column_count = 1,
                                        .columns = columns,
                                        .entity_count = 3,
                                        .values = values};
  spirogram_logger_stats(logger, "layers/hidden_1/units", 7, &stats);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const spirogram_logger_options options = {.size = sizeof options, .run_dir = argv[1]};
  spirogram_logger* logger = spirogram_logger_open(&options);
  const spirogram_hparam hparams[] = {
      {.name = "learning_rate", .number = 0.1},
      {.name = "optimizer", .type = SPIROGRAM_HPARAM_TEXT, .text = "adam"},
      {.name = "nesterov", .type = SPIROGRAM_HPARAM_BOOL, .number = 1},
      {.name = "weight_decay", .number = NAN},
  };
  spirogram_logger_hparams(logger, hparams, 4);
  log_scalars(logger);
  log_histograms(logger);
  spirogram_logger_text(logger, "note", 4, "# h\xC3\xA9llo");
  log_image(logger);
  log_embeddings(logger);
  log_stats(logger);
  const spirogram_profile_slice slice = {
      .name = "forward", .start_ns = 1000, .duration_ns = 10, .step = 8};
  spirogram_logger_profile(logger, &slice, 1);
  spirogram_logger_profile_note(logger, "no GPU slices: libcuda.so.1 is not installed");
  spirogram_logger_end(logger, SPIROGRAM_END_SUCCESS);
  spirogram_logger_close(logger);
  return 0;
}
