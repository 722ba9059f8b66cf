// How t-SNE's optimiser moves: the constants of van der Maaten's gradient descent with gains, with
// the learning rates of openTSNE. They suit a gradient without its factor 4 (gradient.h).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "projector/projector.h"

namespace spirogram::projector {

struct StepParameters {
  double exaggeration = 1;
  double learning_rate = 200;
  double momentum = 0.8;
};

// A gain grows while its coordinate keeps its direction, and shrinks when it turns back.
inline constexpr float kGainIncrease = 0.2F;
inline constexpr float kGainDecrease = 0.8F;
inline constexpr float kGainMin = 0.01F;
// A point moves at most so far in one step: without a bound single points fly off.
inline constexpr float kStepNormMax = 5.0F;

inline constexpr double kLearningRateMin = 200;  // before it is divided by the exaggeration
inline constexpr double kMomentum = 0.8;

// The early exaggeration falls by one factor at each step, down to 1 (docs/architecture.md): points
// that are set free at once stay in heaps that they would have left. The learning rate is
// N / exaggeration (Belkina et al. 2019; openTSNE). `iterations` is how far the map goes as it
// stands: it may have changed since the options were made.
inline StepParameters StepAt(int iteration, int iterations, int64_t points,
                             const TsneOptions& options) {
  const int early = options.early_exaggeration_iterations;
  const int late = iterations - options.late_exaggeration_iterations;
  StepParameters step;
  if (iteration < early) {
    const double left = 1 - static_cast<double>(iteration) / early;
    step.exaggeration = std::pow(options.early_exaggeration, left);
  } else if (iteration >= late) {
    step.exaggeration = options.late_exaggeration;
  }
  step.learning_rate = std::max(static_cast<double>(points), kLearningRateMin) / step.exaggeration;
  step.momentum = kMomentum;
  return step;
}

}  // namespace spirogram::projector
