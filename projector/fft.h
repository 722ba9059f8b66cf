// The few transforms that a convolution with open boundaries needs, over FFTW in single precision.
//
// All are one-dimensional: a convolution of two or three axes runs them line by line on the
// projector's own threads, skips the lines that are known to be zero, and stops when asked, none of
// which FFTW's own two-dimensional plans would do.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "projector/mesh_plan.h"

namespace spirogram::projector {

// Lines that are transformed together: element i of line c is at 8 i + c, one cache line per i.
inline constexpr int64_t kFftLines = 8;

// Memory as aligned as the plans expect, freed with the object. The values are not set.
template <typename T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(int64_t size)
      : values_(static_cast<T*>(
            ::operator new (static_cast<size_t>(size) * sizeof(T), std::align_val_t{kAlignment}))),
        size_(size) {}

  T* data() { return values_.get(); }
  const T* data() const { return values_.get(); }
  int64_t size() const { return size_; }

 private:
  static constexpr size_t kAlignment = 64;
  struct Free {
    void operator()(T* values) const {
      ::operator delete (static_cast<void*>(values), std::align_val_t{kAlignment});
    }
  };
  std::unique_ptr<T, Free> values_;
  int64_t size_ = 0;
};

// Plans for lines of 2 `half` values, none of them normalised. Made once per size; FFTW's planner,
// which is not thread-safe, is locked meanwhile. The transforms are const and safe to run from
// several threads on different lines, which must lie at multiples of 64 bytes.
class Fft {
 public:
  // REQUIRES: half is a FriendlySize.
  explicit Fft(int64_t half);
  ~Fft();
  Fft(const Fft&) = delete;
  Fft& operator=(const Fft&) = delete;

  int64_t half() const { return half_; }

  // 2 half reals to half + 1 complex numbers and back, in place.
  void RealForward(float* line) const;
  void RealInverse(float* line) const;
  // kFftLines lines of 2 half complex numbers, in place.
  void LinesForward(std::complex<float>* lines) const;
  void LinesInverse(std::complex<float>* lines) const;
  // half + 1 values of an even function of period 2 half to those of its (real, even) spectrum.
  void EvenForward(float* line) const;

 private:
  struct Plans;
  int64_t half_;
  std::unique_ptr<Plans> plans_;
};

}  // namespace spirogram::projector
