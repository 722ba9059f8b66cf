#include "trainer/phase_recorder.h"

#include <utility>

namespace spirogram::trainer {
namespace {

constexpr size_t kSlicesPerBatch = 250;

}  // namespace

void PhaseRecorder::BeginPhase(const char* name) {
  name_ = name;
  start_ns_ = clock_.NowNs();
  monotonic_start_ns_ = clock_.MonotonicNs();
}

void PhaseRecorder::EndPhase() {
  slices_.push_back({.kind = logger::ProfileSlice::Kind::kPhase,
                     .name = name_,
                     .start_ns = start_ns_,
                     .duration_ns = clock_.MonotonicNs() - monotonic_start_ns_,
                     .step = step_});
}

void PhaseRecorder::EndStep() {
  if (slices_.size() >= kSlicesPerBatch) Flush();
}

void PhaseRecorder::Flush() {
  if (!slices_.empty()) logger_.Profile(std::exchange(slices_, {}));
}

}  // namespace spirogram::trainer
