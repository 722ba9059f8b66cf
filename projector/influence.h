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

#include <array>
#include <cstdint>
#include <vector>

namespace spirogram::projector {

// Thread-safe once constructed.
class Influence {
 public:
  // A padded grid of 2 `size` nodes an axis, `spacing` apart.
  Influence(int dims, int64_t size, double spacing);

  // At frequencies 0 to `size` along each axis; z is not looked at in two dims.
  double At(int64_t x, int64_t y, int64_t z) const;

 private:
  // Of one frequency along an axis and its nearest images.
  struct Images {
    std::array<double, 3> k2;  // k_m^2
    std::array<double, 3> u2;  // U_m^2
    double sampled = 1;        // the transform of the spline at the nodes: the sum of U_m
  };

  double Kernel(double k) const;

  int dims_;
  bool has_folding_;
  std::vector<Images> images_;  // size + 1
  std::vector<double> bessel_;  // K0(t) e^t sqrt(t), kBesselSteps to the unit
};

}  // namespace spirogram::projector
