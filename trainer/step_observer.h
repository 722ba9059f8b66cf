// The seam between the training loop and whoever measures it: phase_recorder.h, a GPU profiler.
#pragma once

#include "base/types.h"
#include "logger/profiler/phases.h"

namespace spirogram::trainer {

// Called on the training thread, properly nested: steps hold phases, phases do not overlap.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void BeginStep(Step step) = 0;
  virtual void BeginPhase(logger::Phase phase) = 0;
  virtual void EndPhase() = 0;
  virtual void EndStep() = 0;
};

class ScopedPhase {
 public:
  ScopedPhase(StepObserver& observer, logger::Phase phase) : observer_(observer) {
    observer_.BeginPhase(phase);
  }
  ~ScopedPhase() { observer_.EndPhase(); }
  ScopedPhase(const ScopedPhase&) = delete;
  ScopedPhase& operator=(const ScopedPhase&) = delete;

 private:
  StepObserver& observer_;
};

}  // namespace spirogram::trainer
