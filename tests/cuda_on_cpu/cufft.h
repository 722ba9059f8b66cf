// cuFFT by FFTW: real transforms of two and three axes, in place.
#pragma once

#include <fftw3.h>

#include <cstdlib>
#include <vector>

#include "cuda_runtime.h"

enum cufftResult { CUFFT_SUCCESS = 0, CUFFT_ALLOC_FAILED = 2 };
enum cufftType { CUFFT_R2C, CUFFT_C2R };
using cufftReal = float;
using cufftComplex = fftwf_complex;
using cufftHandle = int;

struct PlanOnCpu {
  fftwf_plan plan = nullptr;
  cudaStream_t stream = nullptr;
};
inline std::vector<PlanOnCpu>& PlansOnCpu() {
  static std::vector<PlanOnCpu> plans;
  return plans;
}

inline cufftResult cufftCreate(cufftHandle* plan) {
  *plan = static_cast<cufftHandle>(PlansOnCpu().size());
  PlansOnCpu().push_back({});
  return CUFFT_SUCCESS;
}
inline cufftResult cufftDestroy(cufftHandle plan) {
  fftwf_destroy_plan(PlansOnCpu()[static_cast<size_t>(plan)].plan);
  return CUFFT_SUCCESS;
}
inline cufftResult MakePlanOnCpu(cufftHandle plan, const std::vector<int>& sides, cufftType type) {
  size_t floats = 2 * (static_cast<size_t>(sides.back()) / 2 + 1);
  for (size_t axis = 0; axis + 1 < sides.size(); ++axis) floats *= static_cast<size_t>(sides[axis]);
  auto* values = static_cast<float*>(std::malloc(floats * sizeof(float)));
  auto* spectrum = reinterpret_cast<fftwf_complex*>(values);
  const int rank = static_cast<int>(sides.size());
  PlansOnCpu()[static_cast<size_t>(plan)].plan =
      type == CUFFT_R2C
          ? fftwf_plan_dft_r2c(rank, sides.data(), values, spectrum, FFTW_ESTIMATE | FFTW_UNALIGNED)
          : fftwf_plan_dft_c2r(rank, sides.data(), spectrum, values,
                               FFTW_ESTIMATE | FFTW_UNALIGNED);
  std::free(values);
  return CUFFT_SUCCESS;
}
inline cufftResult cufftMakePlan2d(cufftHandle plan, int nx, int ny, cufftType type, size_t*) {
  return MakePlanOnCpu(plan, {nx, ny}, type);
}
inline cufftResult cufftMakePlan3d(cufftHandle plan, int nx, int ny, int nz, cufftType type,
                                   size_t*) {
  return MakePlanOnCpu(plan, {nx, ny, nz}, type);
}
inline cufftResult cufftSetStream(cufftHandle plan, cudaStream_t stream) {
  PlansOnCpu()[static_cast<size_t>(plan)].stream = stream;
  return CUFFT_SUCCESS;
}
inline cufftResult cufftExecR2C(cufftHandle plan, float* values, cufftComplex* spectrum) {
  const PlanOnCpu& made = PlansOnCpu()[static_cast<size_t>(plan)];
  spirogram::cuda_on_cpu::Enqueue(
      made.stream, [=, forward = made.plan] { fftwf_execute_dft_r2c(forward, values, spectrum); });
  return CUFFT_SUCCESS;
}
inline cufftResult cufftExecC2R(cufftHandle plan, cufftComplex* spectrum, float* values) {
  const PlanOnCpu& made = PlansOnCpu()[static_cast<size_t>(plan)];
  spirogram::cuda_on_cpu::Enqueue(
      made.stream, [=, back = made.plan] { fftwf_execute_dft_c2r(back, spectrum, values); });
  return CUFFT_SUCCESS;
}
