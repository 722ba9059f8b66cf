// What projector/ asks of libspirogram_cuda.so: one table of functions (gpu/library.h says why).
// Plain C++, for both sides.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "projector/cuda/knn.h"
#include "projector/cuda/pca.h"
#include "projector/engine.h"
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

  // MakeSparseEngineOnDevice (sparse_engine.h); `device` is the GPU's name.
  Result<std::unique_ptr<TsneEngine>> (*make_sparse_engine)(const SparseAffinities& affinities,
                                                            const MapPoints& start, double spacing,
                                                            const std::string& device);
  // MakeSparseEngineOfNeighbors (sparse_engine.h).
  Result<std::unique_ptr<TsneEngine>> (*make_engine_of_neighbors)(const NeighborGraph& graph,
                                                                  const AffinityKind& kind,
                                                                  const MapPoints& start,
                                                                  double spacing,
                                                                  const std::string& device);
  // MakeDevicePca (pca.h).
  Result<std::unique_ptr<DevicePca>> (*make_pca)(const MatrixView& matrix);
  // FindNeighborsOnDevice (knn.h).
  Status (*find_neighbors)(const DeviceSearch& search, std::span<int32_t> indices,
                           std::span<float> distances, int64_t* compared_again,
                           const std::stop_token& stop,
                           const std::function<void(double)>& progress);
};

// Never null.
using CudaBackendFunction = const CudaBackend* (*)();

inline constexpr char kCudaBackendSymbol[] = "spirogram_projector_backend";

// The table of the loaded backend (gpu/library.h). Errors: kUnavailable, with the reason.
Result<const CudaBackend*> FindCudaBackend();

}  // namespace spirogram::projector
