// Trains a model and logs how it goes (docs/formats.md lists the tags). The reference workload of
// the project, and an example of how to use logger/logger.h in full.
//
//   auto logger = logger::Logger::Open({.run_dir = "runs/mnist"});
//   MnistOptions options;
//   options.data_dir = "data/mnist";
//   auto summary = TrainMnist(options, *logger, {}, {});
//
// On the CPU the same options give the same losses, bit by bit, with the same number of threads on
// the same kind of processor, unless a bound in seconds ends the run.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "logger/logger.h"
#include "trainer/mnist.h"
#include "trainer/step_observer.h"
#include "trainer/train_options.h"

namespace spirogram::trainer {

struct Progress {
  Step step = 0;
  Step steps = 0;  // 0 where only a bound in seconds is known
  double loss = 0;
  double samples_per_second = 0;  // since the last report
  double seconds = 0;             // since the first step
  double seconds_left = 0;        // an estimate
};

struct TrainObserver {
  // Called on the training thread, at most four times a second and after the last step.
  std::function<void(const Progress&)> progress;
  // Sees every step and phase. Null: the phases are logged as slices on the host's clock, with a
  // note that says why there are no GPU slices.
  StepObserver* steps = nullptr;
};

struct TrainSummary {
  Step steps = 0;
  double seconds = 0;
  double loss = 0;                                      // of the last batch
  std::vector<std::pair<std::string, double>> metrics;  // of the last validation, by tag
  std::string device;                                   // "cpu (2 threads)"
  bool is_cancelled = false;                            // the stop token ended it before its time
};

// Everything that can be wrong before the first step: options, data, device. For a program that
// refuses before it logs anything; the data is then handed to the training.
Result<Mnist> PrepareMnist(const MnistOptions& options);
Result<ClickLog> PrepareRecsys(const RecsysOptions& options);

// An Error for bad options, unreadable data or a failed device; the logger then gets
// End(kFailure). A loss that is not finite is no error: training goes on, for the diagnosis to see.
Result<TrainSummary> TrainMnist(const MnistOptions& options, logger::Logger& logger,
                                const TrainObserver& observer, const std::stop_token& stop);
Result<TrainSummary> TrainMnist(const MnistOptions& options, const Mnist& data,
                                logger::Logger& logger, const TrainObserver& observer,
                                const std::stop_token& stop);
Result<TrainSummary> TrainRecsys(const RecsysOptions& options, logger::Logger& logger,
                                 const TrainObserver& observer, const std::stop_token& stop);
Result<TrainSummary> TrainRecsys(const RecsysOptions& options, const ClickLog& log,
                                 logger::Logger& logger, const TrainObserver& observer,
                                 const std::stop_token& stop);

}  // namespace spirogram::trainer
