// What projector/ asks of libspirogram_cuda.so: one table of functions (gpu/library.h says why).
// Plain C++, for both sides.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "projector/schedule.h"

namespace spirogram::projector {

// A map, its affinities and its optimiser's state in device memory.
class TsneOnDevice;

struct CudaBackend {
  // affinities: N x N; map: d x N, d is 2 or 3. Both are copied.
  Result<TsneOnDevice*> (*create)(const float* affinities, const float* map, int64_t points,
                                  int dims);
  void (*destroy)(TsneOnDevice* state);
  Status (*step)(TsneOnDevice* state, const StepParameters& step);
  // The two sums of kl_divergence.h.
  Status (*kl_sums)(TsneOnDevice* state, double* weighted_log, double* z);
  // map: d x N. Waits for all steps so far.
  Status (*read)(TsneOnDevice* state, float* map);
};

// Never null.
using CudaBackendFunction = const CudaBackend* (*)();

inline constexpr char kCudaBackendSymbol[] = "spirogram_projector_backend";

}  // namespace spirogram::projector
