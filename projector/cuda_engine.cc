#include <optional>
#include <utility>

#include "base/check.h"
#include "base/str.h"
#include "gpu/library.h"
#include "projector/cuda/backend.h"
#include "projector/engine.h"
#include "projector/kl_divergence.h"

namespace spirogram::projector {
namespace {

class CudaEngine final : public TsneEngine {
 public:
  CudaEngine(const CudaBackend* backend, TsneOnDevice* state, const MapPoints& map,
             double sum_p_log_p, std::string device)
      : backend_(backend),
        state_(state),
        host_map_(map.points, map.dims),
        sum_p_log_p_(sum_p_log_p),
        device_(std::move(device)) {}
  ~CudaEngine() override { backend_->destroy(state_); }
  CudaEngine(const CudaEngine&) = delete;
  CudaEngine& operator=(const CudaEngine&) = delete;

  Status Step(const StepParameters& step, const std::stop_token& stop) override {
    if (stop.stop_requested()) return Cancelled("t-SNE: stop requested");
    return backend_->step(state_, step);
  }

  Result<double> KlDivergence(const std::stop_token& stop) override {
    if (stop.stop_requested()) return Cancelled("t-SNE: stop requested");
    KlSums sums;
    RETURN_IF_ERROR(backend_->kl_sums(state_, &sums.weighted_log, &sums.z));
    return projector::KlDivergence(sum_p_log_p_, sums);
  }

  Status ReadCoordinates(std::span<float> coordinates) override {
    RETURN_IF_ERROR(backend_->read(state_, host_map_.values.data()));
    CopyRowMajor(host_map_, coordinates);
    return {};
  }

  const std::string& device() const override { return device_; }

 private:
  const CudaBackend* backend_;
  TsneOnDevice* state_;  // owned: destroyed by the backend
  MapPoints host_map_;
  double sum_p_log_p_;
  std::string device_;
};

}  // namespace

Result<const CudaBackend*> FindCudaBackend() {
  const Result<gpu::Library>& library = gpu::Library::Get();
  if (!library.ok()) return library.error();
  const auto function = reinterpret_cast<CudaBackendFunction>(library->Symbol(kCudaBackendSymbol));
  if (function == nullptr) {
    return Unavailable(StrCat("the CUDA backend does not export ", kCudaBackendSymbol));
  }
  return function();
}

Result<std::unique_ptr<TsneEngine>> MakeCudaEngine(std::span<const float> affinities,
                                                   const MapPoints& map, ThreadPool* pool,
                                                   const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const CudaBackend* const backend, FindCudaBackend());
  const std::optional<double> sum_p_log_p = SumPLogP(affinities, map.points, pool, stop);
  if (!sum_p_log_p) return Cancelled("t-SNE: stop requested");
  ASSIGN_OR_RETURN(TsneOnDevice* const state,
                   backend->create(affinities.data(), map.values.data(), map.points, map.dims));
  std::unique_ptr<TsneEngine> engine = std::make_unique<CudaEngine>(
      backend, state, map, *sum_p_log_p, gpu::Library::Get()->device().name);
  return engine;
}

Result<std::unique_ptr<TsneEngine>> MakeCudaEngineOfNeighbors(const NeighborGraph& graph,
                                                              const AffinityKind& kind,
                                                              const MapPoints& start,
                                                              double spacing) {
  RETURN_IF_ERROR(kind.uniform_neighbors > 0 ? CheckUniformAffinities(graph, kind.uniform_neighbors)
                                             : CheckPerplexityAffinities(graph, kind.perplexity));
  CHECK(graph.points == start.points);
  ASSIGN_OR_RETURN(const CudaBackend* const backend, FindCudaBackend());
  return backend->make_engine_of_neighbors(graph, kind, start, spacing,
                                           gpu::Library::Get()->device().name);
}

Result<std::unique_ptr<TsneEngine>> MakeSparseCudaEngine(const SparseAffinities& affinities,
                                                         const MapPoints& start, double spacing) {
  CHECK(affinities.points == start.points);
  ASSIGN_OR_RETURN(const CudaBackend* const backend, FindCudaBackend());
  return backend->make_sparse_engine(affinities, start, spacing,
                                     gpu::Library::Get()->device().name);
}

}  // namespace spirogram::projector
