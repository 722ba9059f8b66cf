// What a particle mesh multiplies the spectrum of its kernel by, so that charges spread and
// potentials read with cubic B-splines give the forces of the kernel itself.
//
// Dividing by the transform of the spline, twice, would make the potential exact at the nodes. What
// counts are the forces between them, where images of each frequency, folded in by the grid, take
// part. The factor that leaves the least mean square error of the force is known (Hockney and
// Eastwood 1988, 8-22; for forces read as the slope of the potential: Ballenegger, Cerda and Holm
// 2012):
//
//   sum_m k_m^2 U_m^2 R_m / (sum_m U_m^2  sum_m k_m^2 U_m^2  sum_m R_m)
//
// over the images k_m of a frequency k, with U the transform of the spline and R that of the kernel
// 1 / (1 + r^2): 2 pi K0(k) in two dims, 2 pi^2 exp(-k) / k in three.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "projector/host_device.h"

namespace spirogram::projector {

// Of one frequency along an axis and its nearest images.
struct FrequencyImages {
  double k2[3];        // k_m^2
  double u2[3];        // U_m^2
  double sampled = 1;  // the transform of the spline at the nodes: the sum of U_m
};

// Views, for a CPU or a GPU.
struct InfluenceTables {
  int dims = 2;
  bool has_folding = true;
  const FrequencyImages* images = nullptr;  // size + 1
  const double* bessel = nullptr;           // K0(t) e^t sqrt(t), kBesselSteps to the unit
};

inline constexpr double kBesselSteps = 32;
// Beyond it, K0(t) e^t sqrt(t) is sqrt(pi / 2) to 0.2 %.
inline constexpr double kBesselMax = 64;

// Up to a factor, which cancels.
SPIROGRAM_HOST_DEVICE inline double KernelTransform(const InfluenceTables& tables, double k) {
  if (tables.dims == 3) return std::exp(-k) / k;
  const double at = (k < kBesselMax - 1 ? k : kBesselMax - 1) * kBesselSteps;
  const auto step = static_cast<int>(at);
  const double share = at - step;
  const double scaled =
      tables.bessel[step] + share * (tables.bessel[step + 1] - tables.bessel[step]);
  return scaled * std::exp(-k) / std::sqrt(k);
}

// At frequencies 0 to `size` along each axis; z is not looked at in two dims.
SPIROGRAM_HOST_DEVICE inline double InfluenceAt(const InfluenceTables& tables, int64_t x, int64_t y,
                                                int64_t z) {
  if (x == 0 && y == 0 && (tables.dims == 2 || z == 0)) return 1;
  const FrequencyImages& of_x = tables.images[x];
  const FrequencyImages& of_y = tables.images[y];
  const FrequencyImages& of_z = tables.images[tables.dims == 2 ? 0 : z];
  if (!tables.has_folding) {
    const double spline = of_x.sampled * of_y.sampled * of_z.sampled;
    return 1 / (spline * spline);
  }
  double u2_sum = 0;
  double k2u2_sum = 0;
  double r_sum = 0;
  double weighted = 0;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (int c = 0; c < (tables.dims == 2 ? 1 : 3); ++c) {
        const bool is_flat = tables.dims == 2;
        const double k2 = of_x.k2[a] + of_y.k2[b] + (is_flat ? 0 : of_z.k2[c]);
        const double u2 = of_x.u2[a] * of_y.u2[b] * (is_flat ? 1 : of_z.u2[c]);
        const double r = KernelTransform(tables, std::sqrt(k2));
        u2_sum += u2;
        k2u2_sum += k2 * u2;
        r_sum += r;
        weighted += k2 * u2 * r;
      }
    }
  }
  return weighted / (u2_sum * k2u2_sum * r_sum);
}

// Owns the tables. Thread-safe once constructed.
class Influence {
 public:
  // A padded grid of 2 `size` nodes an axis, `spacing` apart.
  Influence(int dims, int64_t size, double spacing);

  double At(int64_t x, int64_t y, int64_t z) const { return InfluenceAt(tables(), x, y, z); }

  InfluenceTables tables() const;
  std::span<const FrequencyImages> images() const { return images_; }
  std::span<const double> bessel() const;  // empty in three dims

 private:
  int dims_;
  bool has_folding_;
  std::vector<FrequencyImages> images_;
};

}  // namespace spirogram::projector
