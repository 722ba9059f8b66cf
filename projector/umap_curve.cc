#include "projector/umap_curve.h"

#include <cmath>

namespace spirogram::projector {
namespace {

constexpr int kDistances = 300;
constexpr int kStepsMax = 200;
constexpr double kLastStep = 1e-12;  // of a and b: below it the fit has ended

double Target(double distance, double min_dist, double spread) {
  return distance < min_dist ? 1 : std::exp(-(distance - min_dist) / spread);
}

// J'J, J'r and r'r of the residuals r = target - curve, with J the curve's derivatives.
struct NormalEquations {
  double aa = 0, ab = 0, bb = 0;
  double a = 0, b = 0;
  double squares = 0;
};

NormalEquations Residuals(const UmapCurve& curve, double min_dist, double spread) {
  NormalEquations sums;
  for (int at = 0; at < kDistances; ++at) {
    const double distance = 3 * spread * at / (kDistances - 1);
    const double power = distance > 0 ? std::pow(distance, 2 * curve.b) : 0;
    const double value = 1 / (1 + curve.a * power);
    const double residual = Target(distance, min_dist, spread) - value;
    const double by_a = -power * value * value;
    const double by_b = distance > 0 ? 2 * curve.a * std::log(distance) * by_a : 0;
    sums.aa += by_a * by_a;
    sums.ab += by_a * by_b;
    sums.bb += by_b * by_b;
    sums.a += by_a * residual;
    sums.b += by_b * residual;
    sums.squares += residual * residual;
  }
  return sums;
}

}  // namespace

// Levenberg and Marquardt's damped Gauss-Newton steps from (1, 1).
UmapCurve FitUmapCurve(double min_dist, double spread) {
  // In units of the spread the curve is that of (min_dist / spread, 1) with a scaled.
  const double unit_min_dist = min_dist / spread;
  UmapCurve curve{1, 1};
  NormalEquations sums = Residuals(curve, unit_min_dist, 1);
  double damping = 1e-3;
  for (int step = 0; step < kStepsMax; ++step) {
    const double aa = sums.aa * (1 + damping);
    const double bb = sums.bb * (1 + damping);
    const double determinant = aa * bb - sums.ab * sums.ab;
    const double by_a = (bb * sums.a - sums.ab * sums.b) / determinant;
    const double by_b = (aa * sums.b - sums.ab * sums.a) / determinant;
    const UmapCurve next{curve.a + by_a, curve.b + by_b};
    const bool is_curve = next.a > 0 && next.b > 0;
    const NormalEquations there = is_curve ? Residuals(next, unit_min_dist, 1) : NormalEquations{};
    if (is_curve && there.squares <= sums.squares) {
      curve = next;
      sums = there;
      damping /= 10;
      if (std::abs(by_a) + std::abs(by_b) < kLastStep) break;
    } else {
      damping *= 10;
      if (damping > 1e12) break;
    }
  }
  return {curve.a / std::pow(spread, 2 * curve.b), curve.b};
}

}  // namespace spirogram::projector
