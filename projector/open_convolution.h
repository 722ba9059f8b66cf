// The potential of charges on a square or cubic grid with open boundaries: a convolution with the
// kernel of t-SNE, K(r) = 1 / (1 + r^2), by Fourier transforms on twice the size.
//
// The axes are transformed one after the other, and the padding of the later axes lives only in
// scratch memory: the grid takes twice its charges, not 4 or 8 times.
#pragma once

#include <complex>
#include <cstdint>
#include <stop_token>

#include "projector/fft.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Not thread-safe. `pool` is not owned.
class OpenConvolution {
 public:
  // A grid of `size`^dims nodes. REQUIRES: dims is 2 or 3, size is a FriendlySize.
  OpenConvolution(int dims, int64_t size);

  int64_t size() const { return size_; }
  int64_t pitch() const { return 2 * complex_pitch_; }
  // Node (x, y, z) is at x + pitch * (y + size * z). What lies beyond `size` in a row is scratch.
  float* grid() { return grid_.data(); }

  // Prepares the kernel for nodes `spacing` apart, for charges spread and potentials read with
  // cubic B-splines (influence.h). False: stopped. Cheap where the spacing is as before.
  bool SetSpacing(double spacing, ThreadPool* pool, const std::stop_token& stop);

  // Sets the charges to 0.
  bool Clear(ThreadPool* pool, const std::stop_token& stop);
  // Charges to potentials, in place. False: stopped, and the grid holds neither.
  bool Convolve(ThreadPool* pool, const std::stop_token& stop);

 private:
  int64_t rows() const { return dims_ == 2 ? size_ : size_ * size_; }
  void ConvolveColumns(int64_t block);
  void ConvolveColumnsOfCube(int64_t block);
  void ConvolveLines(std::complex<float>* lines, const float* kernel) const;

  int dims_;
  int64_t size_;
  int64_t complex_pitch_;  // size + 1 rounded up to whole blocks of kFftLines
  Fft fft_;
  double spacing_ = 0;
  AlignedArray<float> grid_;
  // For each block of kFftLines columns, for each frequency of y (and z, innermost), those of x.
  AlignedArray<float> kernel_;
};

}  // namespace spirogram::projector
