// Times the phases of a training step on the host's clock and logs them as slices of the profile.
// Needs no GPU: where kernels run asynchronously, a phase is the time that the host spent in it.
//
//   StepPhases phases(logger.get());
//   for (...) {
//     phases.BeginStep(step);
//     { const auto scope = phases.Enter(Phase::kInputWait); batch = queue.Pop(); }
//     { const auto scope = phases.Enter(Phase::kForward); ... }
//   }
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "logger/logger.h"

namespace spirogram::logger {

enum class Phase { kInputWait, kForward, kBackward, kOptimizer, kLogging };

// "input_wait", "forward", ...: the names of docs/formats.md.
const char* PhaseName(Phase phase);

// For one thread: the one that runs the loop. Time within a phase within another counts for the
// inner one alone where the page stacks them.
class StepPhases {
 public:
  // The phase lasts as long as the scope. Must not outlive the StepPhases.
  class [[nodiscard]] Scope {
   public:
    Scope(StepPhases* phases, Phase phase);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    StepPhases* const phases_;
    const Phase phase_;
    const int64_t start_ns_;
    const int64_t monotonic_start_ns_;
  };

  // Neither is owned; both outlive this. A null `logger` times nothing.
  explicit StepPhases(Logger* logger, const Clock& clock = RealClock())
      : logger_(logger), clock_(clock) {}
  StepPhases(const StepPhases&) = delete;
  StepPhases& operator=(const StepPhases&) = delete;
  ~StepPhases() { Flush(); }

  // Following phases belong to this step. Hands older phases to the logger, a batch at a time.
  void BeginStep(Step step);
  Scope Enter(Phase phase) { return Scope(this, phase); }
  void Flush();

 private:
  Logger* const logger_;
  const Clock& clock_;
  Step step_ = 0;
  int64_t last_flush_ns_ = 0;  // monotonic
  std::vector<ProfileSlice> slices_;
};

}  // namespace spirogram::logger
