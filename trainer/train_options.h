// What a training run is asked to do. Plain values with defaults that work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "trainer/click_log.h"
#include "trainer/device.h"
#include "trainer/optimizer.h"

namespace spirogram::trainer {

// Steps between two logged values of a kind; 0 never logs it.
struct LogIntervals {
  int loss = 1;          // loss, accuracy, learning rates
  int layers = 10;       // norms and ratios of layers and tables, throughput
  int units = 10;        // window of unit statistics; raised until it covers 1,024 samples
  int rows = 100;        // window of row statistics
  int histograms = 100;  // activations, gradients, weights
  int embeddings = 500;  // checkpoints of the tables, and what a layer makes of samples
  int validation = 500;  // metrics on the validation set
};

enum class RateDecay { kNone, kCosine };  // kCosine falls to 0 at the last step

// Multiplies the learning rate of one layer or table for a while.
struct RateScale {
  std::string group;  // "hidden_1", "item_embedding"
  double scale = 1;
  Step first_step = 0;  // inclusive
  Step last_step = INT64_MAX;
};

// Subtracts `per_step` from every bias of a layer after each step: what a regulariser with a wrong
// sign does.
struct BiasDrift {
  std::string group;
  double per_step = 0;
  Step first_step = 0;  // inclusive
};

struct TrainOptions {
  // The first bound that is reached ends the run; 0 is no bound, and one must be given. A bound in
  // seconds makes the number of steps depend on the machine, and waits for the first `steps_min`.
  int64_t steps = 0;
  double epochs = 0;
  double seconds = 0;
  int64_t steps_min = 0;
  // Mathematics.
  int batch = 128;
  double learning_rate = 1e-3;
  RateDecay decay = RateDecay::kNone;
  OptimizerKind optimizer = OptimizerKind::kAdam;
  uint64_t seed = 1;
  std::vector<RateScale> rate_scales;
  std::vector<BiasDrift> bias_drifts;
  // Performance.
  Device device = Device::kAuto;
  int threads = 1;  // of the CPU twin; 0 means one per processor
  // Behaviour.
  LogIntervals log;
};

struct MnistOptions {
  MnistOptions() {
    train.epochs = 5;
    train.decay = RateDecay::kCosine;
  }

  TrainOptions train;
  std::string data_dir;  // see mnist.h
  std::vector<int> hidden = {256, 128};
};

// Deliberate faults, for demonstrations and for tests of the diagnosis. They are real: the model
// does train this way, and what is logged is what happened.
struct RecsysFaults {
  // Far below 1, the table's rows get gradients as always and hardly move.
  double item_embedding_learning_rate_scale = 1;
  // From this step on (0: never) the biases of hidden_1 drift down, faster than their gradients can
  // lift them, until a unit's pre-activation is below 0 for every sample; the unit then gets no
  // gradient any more and stays dead.
  Step dying_relu_step = 0;
  double dying_relu_bias_drift = 0.005;  // per step
};

struct RecsysOptions {
  RecsysOptions() {
    train.steps = 3'000;
    train.batch = 1'024;
  }

  TrainOptions train;
  ClickLogOptions data;
  int dims = 32;        // of user and item embeddings
  int small_dims = 16;  // of city and category embeddings
  std::vector<int> hidden = {256, 128};
  RecsysFaults faults;
};

}  // namespace spirogram::trainer
