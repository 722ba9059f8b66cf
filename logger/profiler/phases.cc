#include "logger/profiler/phases.h"

#include <exception>
#include <utility>

namespace spirogram::logger {
namespace {

constexpr size_t kSlicesPerBatch = 500;
constexpr int64_t kFlushIntervalNs = 1'000'000'000;  // a slow loop is still seen live

}  // namespace

const char* PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kInputWait:
      return "input_wait";
    case Phase::kForward:
      return "forward";
    case Phase::kBackward:
      return "backward";
    case Phase::kOptimizer:
      return "optimizer";
    case Phase::kLogging:
      return "logging";
  }
  return "unknown";
}

StepPhases::Scope::Scope(StepPhases* phases, Phase phase)
    : phases_(phases),
      phase_(phase),
      start_ns_(phases->clock_.NowNs()),
      monotonic_start_ns_(phases->clock_.MonotonicNs()) {}

StepPhases::Scope::~Scope() {
  if (phases_->logger_ == nullptr) return;
  ProfileSlice slice;
  slice.kind = ProfileSlice::Kind::kPhase;
  slice.start_ns = start_ns_;
  // Not the difference of two wall times: the system's clock may be set in between.
  slice.duration_ns = phases_->clock_.MonotonicNs() - monotonic_start_ns_;
  slice.step = phases_->step_;
  try {
    slice.name = PhaseName(phase_);
    phases_->slices_.push_back(std::move(slice));
  } catch (const std::exception&) {
    // No memory for a slice: the training goes on without it.
  }
}

void StepPhases::BeginStep(Step step) {
  step_ = step;
  const bool is_due = clock_.MonotonicNs() - last_flush_ns_ >= kFlushIntervalNs;
  if (is_due || slices_.size() >= kSlicesPerBatch) Flush();
}

void StepPhases::Flush() {
  last_flush_ns_ = clock_.MonotonicNs();
  if (logger_ != nullptr && !slices_.empty()) logger_->Profile(std::exchange(slices_, {}));
}

}  // namespace spirogram::logger
