// Fits y = 2x + 1 by gradient descent and logs it: the whole of what a training loop needs.
// Usage: minimal_logger [RUN_DIR]    then    spirogram serve --logdir runs
#include <cmath>
#include <vector>

#include "logger/logger.h"

int main(int argc, char** argv) {
  using spirogram::logger::EndStatus;
  using spirogram::logger::Logger;
  const auto logger = Logger::Open({.run_dir = argc > 1 ? argv[1] : "runs/minimal"});

  const double learning_rate = 0.1;
  logger->Hparams({{"learning_rate", learning_rate}, {"optimizer", std::string("sgd")}});

  double weight = 0, bias = 0;
  for (int64_t step = 0; step < 200; ++step) {
    double loss = 0, weight_gradient = 0, bias_gradient = 0;
    std::vector<float> errors;
    for (int i = 0; i < 100; ++i) {
      const double x = i / 50.0 - 1, y = 2 * x + 1;
      const double error = weight * x + bias - y;
      loss += error * error / 100;
      weight_gradient += 2 * error * x / 100;
      bias_gradient += 2 * error / 100;
      errors.push_back(static_cast<float>(error));
    }
    weight -= learning_rate * weight_gradient;
    bias -= learning_rate * bias_gradient;

    logger->Scalar("loss/train", step, loss);
    logger->Scalar("gradient_norm", step, std::hypot(weight_gradient, bias_gradient));
    if (step % 20 == 0) logger->Histogram("errors", step, errors);
  }
  logger->End(EndStatus::kSuccess);  // what is queued is written when `logger` goes
}
