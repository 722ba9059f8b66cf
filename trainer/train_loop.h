// The training loop, the same for every task.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "logger/logger.h"
#include "trainer/device.h"
#include "trainer/task.h"
#include "trainer/train.h"

namespace spirogram::trainer {

// kInvalidArgument names the option that makes no sense for a task with `train_samples`.
Status CheckTrainOptions(const TrainOptions& options, size_t train_samples);

// The number of steps that `steps` and `epochs` allow; 0 where neither is given.
Step StepsOf(const TrainOptions& options, size_t train_samples);

// REQUIRES: CheckTrainOptions succeeded. Does not log hparams or the end: the caller does.
Result<TrainSummary> Train(const TrainOptions& options, Task& task, OpenedBackend& device,
                           logger::Logger& logger, const TrainObserver& observer,
                           const std::stop_token& stop);

// The hyperparameters that every task has.
std::vector<std::pair<std::string, logger::HparamValue>> CommonHparams(const TrainOptions& options);

}  // namespace spirogram::trainer
