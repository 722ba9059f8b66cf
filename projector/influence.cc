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

// K0(t) e^t sqrt(t): a millisecond to compute, the same for every grid.
const std::vector<double>& ScaledBessel() {
  static const std::vector<double> values = [] {
    std::vector<double> table;
    for (int step = 0; step <= kBesselMax * kBesselSteps; ++step) {
      // K0 has a pole at 0, where only the ratio to itself counts.
      const double t = std::max(step / kBesselSteps, 1e-3);
      table.push_back(std::cyl_bessel_k(0.0, t) * std::exp(t) * std::sqrt(t));
    }
    return table;
  }();
  return values;
}

}  // namespace

Influence::Influence(int dims, int64_t size, double spacing)
    : dims_(dims), has_folding_(spacing >= kFoldingSpacingMin) {
  images_.resize(static_cast<size_t>(size + 1));
  for (int64_t n = 0; n <= size; ++n) {
    const double angle = std::numbers::pi * static_cast<double>(n) / static_cast<double>(size);
    FrequencyImages& images = images_[static_cast<size_t>(n)];
    images.sampled = (4 + 2 * std::cos(angle)) / 6;
    for (int m = -1; m <= 1; ++m) {
      const int at = m + 1;
      const double shifted = angle + 2 * std::numbers::pi * m;
      const double half = shifted / 2;
      const double sinc = half == 0 ? 1 : std::sin(half) / half;
      images.k2[at] = shifted * shifted / (spacing * spacing);
      images.u2[at] = std::pow(sinc, 8);
    }
  }
}

InfluenceTables Influence::tables() const {
  return {dims_, has_folding_, images_.data(), bessel().data()};
}

std::span<const double> Influence::bessel() const {
  if (dims_ == 3) return {};
  return ScaledBessel();
}

}  // namespace spirogram::projector
