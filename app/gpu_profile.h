// Joins the training loop's steps with what measures them: the host's phases always, CUPTI's
// kernels and copies where it loads.
#pragma once

#include <memory>

#include "logger/logger.h"
#include "trainer/step_observer.h"

namespace spirogram::app {

// An observer that logs through `logger`, which must outlive it. Kernels are captured during the
// first steps of the run, and only if `with_gpu`: tracing costs time in every launch. Where they
// cannot be captured, the profile gets a note that says why.
std::unique_ptr<trainer::StepObserver> MakeStepObserver(bool with_gpu, logger::Logger& logger);

}  // namespace spirogram::app
