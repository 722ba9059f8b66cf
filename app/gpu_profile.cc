#include "app/gpu_profile.h"

#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "logger/profiler/profiler.h"
#include "trainer/phase_recorder.h"

namespace spirogram::app {
namespace {

constexpr int kCapturedSteps = 500;

class ProfilingObserver final : public trainer::StepObserver {
 public:
  ProfilingObserver(std::unique_ptr<logger::Profiler> profiler, logger::Logger& logger)
      : phases_(RealClock(), logger), profiler_(std::move(profiler)) {}

  void BeginStep(Step step) override {
    phases_.BeginStep(step);
    if (profiler_) profiler_->BeginStep(step);
  }
  void BeginPhase(logger::Phase phase) override { phases_.BeginPhase(phase); }
  void EndPhase() override { phases_.EndPhase(); }
  void EndStep() override {
    phases_.EndStep();
    if (!profiler_) return;
    profiler_->EndStep();
    if (++captured_steps_ == kCapturedSteps) profiler_.reset();
  }

 private:
  trainer::PhaseRecorder phases_;
  std::unique_ptr<logger::Profiler> profiler_;
  int captured_steps_ = 0;
};

}  // namespace

std::unique_ptr<trainer::StepObserver> MakeStepObserver(bool with_gpu, logger::Logger& logger) {
  std::unique_ptr<logger::Profiler> profiler;
  if (with_gpu) {
    // Demo runs train side by side, and a server draws maps: theirs are not this run's kernels.
    auto started = logger::Profiler::Start(&logger, {.is_one_thread = true});
    if (started.ok()) {
      profiler = std::move(started).value();
    } else {
      logger.ProfileNote(started.error().message);
    }
  } else {
    logger.ProfileNote("no GPU slices: this run was started without GPU profiling");
  }
  return std::make_unique<ProfilingObserver>(std::move(profiler), logger);
}

}  // namespace spirogram::app
