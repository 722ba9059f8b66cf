#include "projector/fft.h"

#include <fftw3.h>

#include <mutex>

#include "base/check.h"

namespace spirogram::projector {
namespace {

// FFTW's planner keeps its tables in memory that all of the process shares.
std::mutex& PlannerMutex() {
  static std::mutex mutex;
  return mutex;
}

// Measuring plans takes longer than a map; the estimated ones are about as fast.
constexpr unsigned kFlags = FFTW_ESTIMATE | FFTW_DESTROY_INPUT;

fftwf_complex* Pointer(std::complex<float>* values) {
  return reinterpret_cast<fftwf_complex*>(values);
}

fftwf_plan PlanLines(int size, std::complex<float>* lines, int sign) {
  constexpr int kLines = static_cast<int>(kFftLines);
  return fftwf_plan_many_dft(1, &size, kLines, Pointer(lines), nullptr, kLines, 1, Pointer(lines),
                             nullptr, kLines, 1, sign, kFlags);
}

}  // namespace

struct Fft::Plans {
  fftwf_plan real_forward = nullptr;
  fftwf_plan real_inverse = nullptr;
  fftwf_plan lines_forward = nullptr;
  fftwf_plan lines_inverse = nullptr;
  fftwf_plan even_forward = nullptr;
};

Fft::Fft(int64_t half) : half_(half), plans_(std::make_unique<Plans>()) {
  CHECK(half == FriendlySize(half));
  const int size = static_cast<int>(2 * half);
  AlignedArray<std::complex<float>> lines(2 * half * kFftLines);
  auto* reals = reinterpret_cast<float*>(lines.data());
  auto* spectrum = Pointer(lines.data());
  const std::lock_guard lock(PlannerMutex());
  plans_->real_forward = fftwf_plan_dft_r2c_1d(size, reals, spectrum, kFlags);
  plans_->real_inverse = fftwf_plan_dft_c2r_1d(size, spectrum, reals, kFlags);
  plans_->lines_forward = PlanLines(size, lines.data(), FFTW_FORWARD);
  plans_->lines_inverse = PlanLines(size, lines.data(), FFTW_BACKWARD);
  // The even extension of half + 1 values has the period 2 half. Lines of odd length do not keep
  // the alignment, so this plan, which runs once per grid, does without.
  plans_->even_forward = fftwf_plan_r2r_1d(static_cast<int>(half) + 1, reals, reals, FFTW_REDFT00,
                                           kFlags | FFTW_UNALIGNED);
  CHECK(plans_->real_forward != nullptr && plans_->real_inverse != nullptr);
  CHECK(plans_->lines_forward != nullptr && plans_->lines_inverse != nullptr);
  CHECK(plans_->even_forward != nullptr);
}

Fft::~Fft() {
  const std::lock_guard lock(PlannerMutex());
  fftwf_destroy_plan(plans_->real_forward);
  fftwf_destroy_plan(plans_->real_inverse);
  fftwf_destroy_plan(plans_->lines_forward);
  fftwf_destroy_plan(plans_->lines_inverse);
  fftwf_destroy_plan(plans_->even_forward);
}

void Fft::RealForward(float* line) const {
  fftwf_execute_dft_r2c(plans_->real_forward, line, reinterpret_cast<fftwf_complex*>(line));
}

void Fft::RealInverse(float* line) const {
  fftwf_execute_dft_c2r(plans_->real_inverse, reinterpret_cast<fftwf_complex*>(line), line);
}

void Fft::LinesForward(std::complex<float>* lines) const {
  fftwf_execute_dft(plans_->lines_forward, Pointer(lines), Pointer(lines));
}

void Fft::LinesInverse(std::complex<float>* lines) const {
  fftwf_execute_dft(plans_->lines_inverse, Pointer(lines), Pointer(lines));
}

void Fft::EvenForward(float* line) const {
  fftwf_execute_r2r(plans_->even_forward, line, line);
}

}  // namespace spirogram::projector
