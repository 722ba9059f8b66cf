// What every training run does around its loop: hparams first, the profile note, the end last.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "trainer/train_loop.h"

namespace spirogram::trainer {

using Hparams = std::vector<std::pair<std::string, logger::HparamValue>>;

// Logs `hparams`, calls `run` and logs the end: kInterrupted for a run that was asked to stop.
Result<TrainSummary> RunSession(logger::Logger& logger, const Hparams& hparams,
                                const std::function<Result<TrainSummary>()>& run);

// Opens the device; where nobody profiles the GPU, a note says why there are no GPU slices.
Result<OpenedBackend> OpenForTraining(const TrainOptions& options, logger::Logger& logger,
                                      const TrainObserver& observer);

// kInvalidArgument where a width is not 1 to 65,536.
Status CheckUnits(const std::vector<int>& units);

// "256,128"
std::string JoinUnits(const std::vector<int>& units);

}  // namespace spirogram::trainer
