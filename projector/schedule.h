// How t-SNE's optimiser moves: the constants of van der Maaten's gradient descent with gains, with
// the learning rates of openTSNE. They suit a gradient without its factor 4 (gradient.h).
#pragma once

#include <algorithm>
#include <cstdint>

#include "projector/projector.h"

namespace spirogram::projector {

struct StepParameters {
  double exaggeration = 1;
  double learning_rate = 200;
  double momentum = 0.8;
  // The early exaggeration has just ended: points move fast, and no force serves two steps.
  bool is_turn = false;
};

// A gain grows while its coordinate keeps its direction, and shrinks when it turns back.
inline constexpr float kGainIncrease = 0.2F;
inline constexpr float kGainDecrease = 0.8F;
inline constexpr float kGainMin = 0.01F;
// A point moves at most so far in one step: without a bound single points fly off.
inline constexpr float kStepNormMax = 5.0F;

inline constexpr double kLearningRateMin = 200;  // before it is divided by the exaggeration
inline constexpr double kEarlyMomentum = 0.5;
inline constexpr double kFinalMomentum = 0.8;
inline constexpr int kTurnIterations = 40;

// The learning rate is N / exaggeration in each phase (Belkina et al. 2019; openTSNE). `iterations`
// is how far the map goes as it stands: it may have changed since the options were made.
inline StepParameters StepAt(int iteration, int iterations, int64_t points,
                             const TsneOptions& options) {
  const bool is_early = iteration < options.early_exaggeration_iterations;
  const bool is_late = iteration >= iterations - options.late_exaggeration_iterations;
  StepParameters step;
  step.exaggeration = is_early  ? options.early_exaggeration
                      : is_late ? options.late_exaggeration
                                : 1;
  step.learning_rate = std::max(static_cast<double>(points), kLearningRateMin) / step.exaggeration;
  step.momentum = is_early ? kEarlyMomentum : kFinalMomentum;
  step.is_turn = !is_early && iteration < options.early_exaggeration_iterations + kTurnIterations;
  return step;
}

}  // namespace spirogram::projector
