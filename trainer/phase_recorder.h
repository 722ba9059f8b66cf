// The observer that logs a step's phases as slices on the host's clock.
#pragma once

#include <optional>

#include "base/clock.h"
#include "logger/logger.h"
#include "logger/profiler/phases.h"
#include "trainer/step_observer.h"

namespace spirogram::trainer {

// Hands slices to the logger in batches and at destruction. Not thread-safe.
class PhaseRecorder final : public StepObserver {
 public:
  PhaseRecorder(const Clock& clock, logger::Logger& logger) : phases_(&logger, clock) {}

  void BeginStep(Step step) override { phases_.BeginStep(step); }
  void BeginPhase(logger::Phase phase) override { scope_.emplace(&phases_, phase); }
  void EndPhase() override { scope_.reset(); }
  void EndStep() override {}

 private:
  logger::StepPhases phases_;
  std::optional<logger::StepPhases::Scope> scope_;
};

}  // namespace spirogram::trainer
