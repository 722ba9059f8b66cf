// The part of t-SNE that a GPU can take over: a map, its affinities and the descent. The CPU engine
// and the CUDA engine compute the same; tests compare them. The CUDA engine alone computes every
// force at every step, whatever the number of points: on a GPU a step costs little.
//
// Not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/map_points.h"
#include "projector/schedule.h"
#include "projector/sparse_affinity.h"
#include "projector/threads.h"

namespace spirogram::projector {

class TsneEngine {
 public:
  virtual ~TsneEngine() = default;

  // One step of the descent; the map stays centred. kCancelled leaves the map as it was.
  virtual Status Step(const StepParameters& step, const std::stop_token& stop) = 0;
  // Of the present map, exact and without exaggeration.
  virtual Result<double> KlDivergence(const std::stop_token& stop) = 0;
  // N x d, row-major.
  virtual Status ReadCoordinates(std::span<float> coordinates) = 0;
  // "cpu" or the GPU's name.
  virtual const std::string& device() const = 0;
  // Between the nodes of the grid of the last step; 0 for direct sums.
  virtual double spacing() const { return 0; }
};

// affinities: N x N. `pool` is not owned and must outlive the engine.
std::unique_ptr<TsneEngine> MakeCpuEngine(std::vector<float> affinities, MapPoints map,
                                          ThreadPool* pool);

// For how many steps a force is kept before it is computed again: 1 is at every step. Attraction is
// kept of the weak edges only (attraction.h). What is kept is as old for all points, and a
// measurement of the KL divergence is of the map as it is.
struct ForceCadence {
  int repulsion = 1;
  int weak_attraction = 1;
};

// Sparse affinities; repulsion by a particle mesh with nodes at most `spacing` apart, or by direct
// sum where that is quicker, or where the map has outgrown the largest grid. A step costs N and the
// grid's size. The KL divergence is that of the sparse affinities, with the engine's own Z.
std::unique_ptr<TsneEngine> MakeSparseEngine(SparseAffinities affinities, const MapPoints& start,
                                             double spacing, ThreadPool* pool,
                                             const ForceCadence& cadence = {});

// Copies both to the GPU. `pool` serves the constant term of the KL divergence only.
// Errors: kUnavailable (no usable GPU, and why), kExhausted (its memory does not suffice).
Result<std::unique_ptr<TsneEngine>> MakeCudaEngine(std::span<const float> affinities,
                                                   const MapPoints& map, ThreadPool* pool,
                                                   const std::stop_token& stop);

// As MakeSparseEngine, on the GPU: the mesh costs more, and direct sums are taken up to 10,000
// points. The steps run while the caller goes on; a map that diverged is an error of a later call.
// Errors: kUnavailable (no usable GPU, and why), kExhausted (its memory does not suffice: the bytes
// that are needed and free).
Result<std::unique_ptr<TsneEngine>> MakeSparseCudaEngine(const SparseAffinities& affinities,
                                                         const MapPoints& start, double spacing);
// The same, of affinities that are computed on the GPU too. Errors: those of the affinities as
// well.
Result<std::unique_ptr<TsneEngine>> MakeCudaEngineOfNeighbors(const NeighborGraph& graph,
                                                              const AffinityKind& kind,
                                                              const MapPoints& start,
                                                              double spacing);

}  // namespace spirogram::projector
