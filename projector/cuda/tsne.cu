// The state of a map in device memory, and the table by which projector/cuda_engine.cc finds it.
#include <cuda_runtime.h>

#include <memory>
#include <vector>

#include "projector/cuda/backend.h"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/sparse_engine.h"
#include "projector/cuda/tsne_kernels.h"

namespace spirogram::projector {

// All sizes in elements; N points, d dims. Device memory: 4 N^2 bytes and a little.
class TsneOnDevice {
 public:
  TsneOnDevice(int points, int dims) : points_(points), dims_(dims) {}

  Status Create(const float* affinities, const float* map) {
    const size_t points = static_cast<size_t>(points_);
    const size_t coordinates = points * static_cast<size_t>(dims_);
    RETURN_IF_ERROR(stream_.Create());
    RETURN_IF_ERROR(affinities_.Allocate(points * points));
    for (auto* buffer : {&map_, &velocity_, &gains_, &attraction_, &repulsion_}) {
      RETURN_IF_ERROR(buffer->Allocate(coordinates));
    }
    RETURN_IF_ERROR(z_.Allocate(points));
    RETURN_IF_ERROR(total_z_.Allocate(1));
    RETURN_IF_ERROR(rows_.Allocate(2 * points));
    RETURN_IF_ERROR(sums_.Allocate(3));
    RETURN_IF_ERROR(CopyIn(&affinities_, affinities));
    RETURN_IF_ERROR(CopyIn(&map_, map));
    const std::vector<float> ones(coordinates, 1.0F);
    RETURN_IF_ERROR(CopyIn(&gains_, ones.data()));
    RETURN_IF_ERROR(
        CudaStatus(cudaMemsetAsync(velocity_.data(), 0, velocity_.bytes(), stream_.get()),
                   "t-SNE: device memory"));
    return Wait();
  }

  Status Step(const StepParameters& step) {
    RETURN_IF_ERROR(LaunchForces(Map(), Forces(), stream_.get()));
    return LaunchUpdate(Map(), Forces(), {velocity_.data(), gains_.data()}, step, sums_.data(),
                        stream_.get());
  }

  Status KlSums(double* weighted_log, double* z) {
    RETURN_IF_ERROR(LaunchKlSums(Map(), rows_.data(), sums_.data(), stream_.get()));
    double sums[2];
    RETURN_IF_ERROR(CopyOut(sums_.data(), sizeof sums, sums));
    *weighted_log = sums[0];
    *z = sums[1];
    return {};
  }

  Status Read(float* map) { return CopyOut(map_.data(), map_.bytes(), map); }

 private:
  DeviceMap Map() { return {points_, dims_, map_.data(), affinities_.data()}; }
  DeviceForces Forces() {
    return {attraction_.data(), repulsion_.data(), z_.data(), total_z_.data()};
  }

  Status CopyIn(DeviceBuffer<float>* to, const float* from) {
    return CudaStatus(
        cudaMemcpyAsync(to->data(), from, to->bytes(), cudaMemcpyHostToDevice, stream_.get()),
        "t-SNE: copy to the device");
  }

  Status CopyOut(const void* from, size_t bytes, void* to) {
    RETURN_IF_ERROR(
        CudaStatus(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.get()),
                   "t-SNE: copy from the device"));
    return Wait();
  }

  Status Wait() { return CudaStatus(cudaStreamSynchronize(stream_.get()), "t-SNE on the device"); }

  int points_;
  int dims_;
  Stream stream_;
  DeviceBuffer<float> affinities_;  // N x N
  DeviceBuffer<float> map_;         // d x N, like the next four
  DeviceBuffer<float> velocity_;
  DeviceBuffer<float> gains_;
  DeviceBuffer<float> attraction_;
  DeviceBuffer<float> repulsion_;
  DeviceBuffer<double> z_;        // N
  DeviceBuffer<double> total_z_;  // 1
  DeviceBuffer<double> rows_;     // 2 x N, scratch
  DeviceBuffer<double> sums_;     // 3, scratch
};

namespace {

Result<TsneOnDevice*> Create(const float* affinities, const float* map, int64_t points, int dims) {
  auto state = std::make_unique<TsneOnDevice>(static_cast<int>(points), dims);
  RETURN_IF_ERROR(state->Create(affinities, map));
  return state.release();
}

void Destroy(TsneOnDevice* state) {
  delete state;
}

Status Step(TsneOnDevice* state, const StepParameters& step) {
  return state->Step(step);
}

Status KlSums(TsneOnDevice* state, double* weighted_log, double* z) {
  return state->KlSums(weighted_log, z);
}

Status Read(TsneOnDevice* state, float* map) {
  return state->Read(map);
}

Result<std::unique_ptr<TsneEngine>> MakeSparse(const SparseAffinities& affinities,
                                               const MapPoints& start, double spacing,
                                               const std::string& device) {
  return MakeSparseEngineOnDevice(affinities, start, spacing, device);
}

Result<std::unique_ptr<TsneEngine>> MakeOfNeighbors(const NeighborGraph& graph,
                                                    const AffinityKind& kind,
                                                    const MapPoints& start, double spacing,
                                                    const std::string& device) {
  return MakeSparseEngineOfNeighbors(graph, kind, start, spacing, device);
}

constexpr CudaBackend kBackend{Create,          Destroy,       Step,
                               KlSums,          Read,          MakeSparse,
                               MakeOfNeighbors, MakeDevicePca, FindNeighborsOnDevice};

}  // namespace
}  // namespace spirogram::projector

extern "C" const spirogram::projector::CudaBackend* spirogram_projector_backend() {
  return &spirogram::projector::kBackend;
}
