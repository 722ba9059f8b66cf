/* Fits y = 2x + 1 by gradient descent and logs it, in C: minimal_logger.cc says more.
 * Usage: minimal_logger_c [RUN_DIR]    then    spirogram serve --logdir runs
 */
#include <math.h>

#include "logger/logger_c.h"

int main(int argc, char** argv) {
  const spirogram_logger_options options = {
      .size = sizeof options,
      .run_dir = argc > 1 ? argv[1] : "runs/minimal",
  };
  spirogram_logger* logger = spirogram_logger_open(&options);

  const double learning_rate = 0.1;
  const spirogram_hparam hparams[] = {
      {.name = "learning_rate", .number = learning_rate},
      {.name = "optimizer", .type = SPIROGRAM_HPARAM_TEXT, .text = "sgd"},
  };
  spirogram_logger_hparams(logger, hparams, 2);

  double weight = 0, bias = 0;
  for (int64_t step = 0; step < 200; ++step) {
    double loss = 0, weight_gradient = 0, bias_gradient = 0;
    float errors[100];
    for (int i = 0; i < 100; ++i) {
      const double x = i / 50.0 - 1, y = 2 * x + 1;
      const double error = weight * x + bias - y;
      loss += error * error / 100;
      weight_gradient += 2 * error * x / 100;
      bias_gradient += 2 * error / 100;
      errors[i] = (float)error;
    }
    weight -= learning_rate * weight_gradient;
    bias -= learning_rate * bias_gradient;

    spirogram_logger_scalar(logger, "loss/train", step, loss);
    spirogram_logger_scalar(logger, "gradient_norm", step, hypot(weight_gradient, bias_gradient));
    if (step % 20 == 0) spirogram_logger_histogram(logger, "errors", step, errors, 100);
  }
  spirogram_logger_end(logger, SPIROGRAM_END_SUCCESS);
  spirogram_logger_close(logger);
  return 0;
}
