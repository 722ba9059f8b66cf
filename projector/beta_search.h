// The search for the beta at which a Gaussian over a row's neighbours has the wanted perplexity:
// Newton on log(beta), kept inside a bracket, since the entropy falls monotonically from the
// logarithm of the neighbours to that of the ties as beta grows.
#pragma once

#include <cmath>

#include "projector/host_device.h"

namespace spirogram::projector {

// Sums over the neighbours, at scaled distances t with weights w = exp(-beta t).
struct BetaMoments {
  double sum = 0;     // of w
  double first = 0;   // of w t
  double second = 0;  // of w t^2
};

class BetaSearch {
 public:
  static constexpr int kStepsMax = 100;

  SPIROGRAM_HOST_DEVICE explicit BetaSearch(double log_perplexity)
      : log_perplexity_(log_perplexity) {}

  // As a float: what the last bit of a logarithm is on this machine then rarely matters.
  SPIROGRAM_HOST_DEVICE float beta() const { return static_cast<float>(std::exp(log_beta_)); }

  // Takes the moments at beta(). False: they are near enough, or nothing better is left.
  SPIROGRAM_HOST_DEVICE bool Advance(const BetaMoments& moments) {
    const double at = beta();
    const double mean = moments.first / moments.sum;
    const double entropy = std::log(moments.sum) + at * mean;
    const double excess = entropy - log_perplexity_;
    if (std::abs(excess) < kEntropyTolerance) return false;
    (excess > 0 ? low_ : high_) = log_beta_;
    const double variance = moments.second / moments.sum - mean * mean;
    double next = log_beta_ + excess / (at * at * variance);
    if (!(next > low_ && next < high_) || std::abs(next - log_beta_) > 5) {
      const bool is_bounded = low_ > -kUnbounded && high_ < kUnbounded;
      next = is_bounded ? (low_ + high_) / 2 : log_beta_ + (excess > 0 ? 2 : -2);
    }
    if (next == log_beta_) return false;
    log_beta_ = next;
    return true;
  }

 private:
  static constexpr double kEntropyTolerance = 1e-6;
  static constexpr double kUnbounded = 1e300;

  double log_perplexity_;
  double log_beta_ = 0;
  double low_ = -kUnbounded;
  double high_ = kUnbounded;
};

}  // namespace spirogram::projector
