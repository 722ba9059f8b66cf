// Turns the phases of training steps into profile slices on the host's clock.
#pragma once

#include <vector>

#include "base/clock.h"
#include "logger/logger.h"
#include "trainer/step_observer.h"

namespace spirogram::trainer {

// Hands slices to the logger a few hundred at a time and at destruction. Durations come from the
// monotonic clock, so that a clock that is set does not make them negative. Not thread-safe.
class PhaseRecorder final : public StepObserver {
 public:
  PhaseRecorder(const Clock& clock, logger::Logger& logger) : clock_(clock), logger_(logger) {}
  ~PhaseRecorder() override { Flush(); }

  void BeginStep(Step step) override { step_ = step; }
  void BeginPhase(const char* name) override;
  void EndPhase() override;
  void EndStep() override;

 private:
  void Flush();

  const Clock& clock_;
  logger::Logger& logger_;
  Step step_ = 0;
  const char* name_ = "";
  int64_t start_ns_ = 0;
  int64_t monotonic_start_ns_ = 0;
  std::vector<logger::ProfileSlice> slices_;
};

}  // namespace spirogram::trainer
