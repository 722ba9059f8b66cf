#include "projector/influence.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace spirogram::projector {
namespace {

// Of finer grids the folded images are below the last digit of single precision, and what the
// factor does at the highest frequencies is to amplify rounding: there it is 1 over the square of
// the sampled spline, which makes the potential exact at the nodes.
constexpr double kFoldingSpacingMin = 0.15;

constexpr double kBesselSteps = 32;
constexpr double kBesselMax = 64;  // beyond it, K0(t) e^t sqrt(t) is sqrt(pi / 2) to 0.2 %

}  // namespace

Influence::Influence(int dims, int64_t size, double spacing)
    : dims_(dims), has_folding_(spacing >= kFoldingSpacingMin) {
  images_.resize(static_cast<size_t>(size + 1));
  for (int64_t n = 0; n <= size; ++n) {
    const double angle = std::numbers::pi * static_cast<double>(n) / static_cast<double>(size);
    Images& images = images_[static_cast<size_t>(n)];
    images.sampled = (4 + 2 * std::cos(angle)) / 6;
    for (int m = -1; m <= 1; ++m) {
      const auto at = static_cast<size_t>(m + 1);
      const double shifted = angle + 2 * std::numbers::pi * m;
      const double half = shifted / 2;
      const double sinc = half == 0 ? 1 : std::sin(half) / half;
      images.k2[at] = shifted * shifted / (spacing * spacing);
      images.u2[at] = std::pow(sinc, 8);
    }
  }
  if (dims == 3) return;
  for (int step = 0; step <= kBesselMax * kBesselSteps; ++step) {
    // K0 has a pole at 0, where only the ratio to itself counts.
    const double t = std::max(step / kBesselSteps, 1e-3);
    bessel_.push_back(std::cyl_bessel_k(0.0, t) * std::exp(t) * std::sqrt(t));
  }
}

double Influence::Kernel(double k) const {
  if (dims_ == 3) return std::exp(-k) / k;
  const double at = std::min(k, kBesselMax - 1) * kBesselSteps;
  const auto step = static_cast<size_t>(at);
  const double share = at - static_cast<double>(step);
  const double scaled = bessel_[step] + share * (bessel_[step + 1] - bessel_[step]);
  return scaled * std::exp(-k) / std::sqrt(k);
}

double Influence::At(int64_t x, int64_t y, int64_t z) const {
  if (x == 0 && y == 0 && (dims_ == 2 || z == 0)) return 1;
  const Images& of_x = images_[static_cast<size_t>(x)];
  const Images& of_y = images_[static_cast<size_t>(y)];
  const Images& of_z = images_[dims_ == 2 ? 0 : static_cast<size_t>(z)];
  if (!has_folding_) {
    const double spline = of_x.sampled * of_y.sampled * of_z.sampled;
    return 1 / (spline * spline);
  }
  double u2_sum = 0;
  double k2u2_sum = 0;
  double r_sum = 0;
  double weighted = 0;
  const auto add = [&](double k2, double u2) {
    const double r = Kernel(std::sqrt(k2));
    u2_sum += u2;
    k2u2_sum += k2 * u2;
    r_sum += r;
    weighted += k2 * u2 * r;
  };
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b) {
      const double k2 = of_x.k2[a] + of_y.k2[b];
      const double u2 = of_x.u2[a] * of_y.u2[b];
      if (dims_ == 2) {
        add(k2, u2);
        continue;
      }
      for (size_t c = 0; c < 3; ++c) add(k2 + of_z.k2[c], u2 * of_z.u2[c]);
    }
  }
  return weighted / (u2_sum * k2u2_sum * r_sum);
}

}  // namespace spirogram::projector
