// spirogram train mnist|recsys: trains the reference models and logs them.
#pragma once

#include <cstdint>
#include <string>

namespace spirogram::app {

// When --kill-relus begins to: late enough that the layer was healthy, early enough to be seen.
inline constexpr int64_t kDyingReluStep = 600;

struct TrainOptions {
  std::string logdir;    // empty: "runs", or nowhere with a url
  std::string url;       // of a server that gets what is logged
  std::string run;       // empty: "mnist-1", "recsys-1", ... the first that is not there
  std::string data_dir;  // mnist: where the four IDX files lie
  int epochs = 0;        // 0: the model's default
  int64_t steps = 0;     // 0: as many as the epochs have
  int batch = 0;
  double learning_rate = 0;  // 0: the model's default
  std::string optimizer = "adam";
  uint64_t seed = 1;
  std::string device = "auto";  // auto, cpu, cuda
  int threads = 0;
  bool no_profile = false;     // do not record GPU kernels
  double system_interval = 5;  // seconds between samples of the machine's counters; 0: none
  // Deliberate faults of the recsys model, to see what the diagnosis says of them.
  double item_embedding_learning_rate_scale = 1;
  bool kill_relus = false;
};

// Return the program's exit code.
int TrainMnist(const TrainOptions& options);
int TrainRecsys(const TrainOptions& options);

}  // namespace spirogram::app
