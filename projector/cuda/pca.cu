// Rows are centred into blocks of float64, whose products cuBLAS adds up: as pca.cc does, with
// larger blocks.
#include <algorithm>
#include <utility>

#include "gpu/device.cuh"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/knn_kernels.h"
#include "projector/cuda/launch.h"
#include "projector/cuda/pca.h"
#include "projector/host_device.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "PCA on the device";
constexpr int64_t kBlockValues = int64_t{1} << 24;  // 128 MB in float64

struct CentreValue {
  const float* values;  // of the block's first row on
  const double* mean;
  int64_t dims;
  double* centred;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    centred[at] = values[at] - mean[at % dims];
  }
};

// A warp for each row.
__global__ void ProjectKernel(DeviceRows rows, const double* mean, const double* directions,
                              int64_t count, int64_t columns, float* coordinates) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kBlock + threadIdx.x;
  const int64_t row = thread / kWarp;
  if (row >= rows.rows) return;
  const int lane = static_cast<int>(thread % kWarp);
  const float* values = rows.values + row * rows.dims;
  for (int64_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (int64_t k = lane; k < rows.dims && c < count; k += kWarp) {
      sum += (values[k] - mean[k]) * directions[c * rows.dims + k];
    }
    sum = WarpSum(sum);
    if (lane == 0) coordinates[row * columns + c] = static_cast<float>(sum);
  }
}

class DevicePcaOfMatrix final : public DevicePca {
 public:
  DevicePcaOfMatrix(const MatrixView& matrix, gpu::Stream stream, gpu::BlasHandle blas)
      : matrix_(matrix), stream_(std::move(stream)), blas_(std::move(blas)) {}

  Status Create() {
    DeviceBuffer<double> partials;
    RETURN_IF_ERROR(CopyIn(matrix_.values, &values_));
    RETURN_IF_ERROR(partials.Allocate(static_cast<size_t>(MeanPartials(matrix_.dims))));
    RETURN_IF_ERROR(mean_.Allocate(static_cast<size_t>(matrix_.dims)));
    RETURN_IF_ERROR(LaunchMean(rows(), partials.data(), mean_.data(), stream_.get()));
    return Wait();
  }

  Status Scatter(std::span<double> scatter) override {
    const int64_t dims = matrix_.dims;
    const int64_t block_rows = std::clamp<int64_t>(kBlockValues / dims, 1, matrix_.points);
    DeviceBuffer<double> block;
    DeviceBuffer<double> sum;
    RETURN_IF_ERROR(block.Allocate(static_cast<size_t>(block_rows * dims)));
    RETURN_IF_ERROR(sum.Allocate(scatter.size()));
    const double one = 1;
    for (int64_t first = 0; first < matrix_.points; first += block_rows) {
      const int64_t count = std::min(block_rows, matrix_.points - first);
      RETURN_IF_ERROR(
          ForEach(kWhat, count * dims,
                  CentreValue{values_.data() + first * dims, mean_.data(), dims, block.data()},
                  stream_.get()));
      // To cuBLAS, which stores by column, the block is D x rows, and the upper triangle the lower.
      const double added = first == 0 ? 0 : 1;
      const cublasStatus_t code =
          cublasDsyrk(blas_.get(), CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, static_cast<int>(dims),
                      static_cast<int>(count), &one, block.data(), static_cast<int>(dims), &added,
                      sum.data(), static_cast<int>(dims));
      if (code != CUBLAS_STATUS_SUCCESS) return gpu::CublasError(code, kWhat);
    }
    return CopyOut(sum.data(), scatter);
  }

  Status Project(std::span<const double> directions, int64_t columns,
                 std::span<float> coordinates) override {
    DeviceBuffer<double> along;
    DeviceBuffer<float> projected;
    if (!directions.empty()) RETURN_IF_ERROR(CopyIn(directions, &along));
    RETURN_IF_ERROR(projected.Allocate(coordinates.size()));
    const int64_t count = static_cast<int64_t>(directions.size()) / matrix_.dims;
    RETURN_IF_ERROR(Launch(kWhat, ProjectKernel, BlocksFor(matrix_.points, kWarpsPerBlock),
                           stream_.get(), rows(), mean_.data(), along.data(), count, columns,
                           projected.data()));
    return CopyOut(projected.data(), coordinates);
  }

 private:
  DeviceRows rows() { return {values_.data(), nullptr, matrix_.points, matrix_.dims}; }

  template <typename T>
  Status CopyIn(std::span<const T> from, DeviceBuffer<T>* to) {
    RETURN_IF_ERROR(to->Allocate(from.size()));
    return CudaStatus(cudaMemcpyAsync(to->data(), from.data(), to->bytes(), cudaMemcpyHostToDevice,
                                      stream_.get()),
                      kWhat);
  }
  template <typename T>
  Status CopyOut(const T* from, std::span<T> to) {
    RETURN_IF_ERROR(CudaStatus(
        cudaMemcpyAsync(to.data(), from, to.size_bytes(), cudaMemcpyDeviceToHost, stream_.get()),
        kWhat));
    return Wait();
  }
  Status Wait() { return CudaStatus(cudaStreamSynchronize(stream_.get()), kWhat); }

  MatrixView matrix_;
  gpu::Stream stream_;
  gpu::BlasHandle blas_;
  DeviceBuffer<float> values_;  // N x D
  DeviceBuffer<double> mean_;   // D
};

}  // namespace

Result<std::unique_ptr<DevicePca>> MakeDevicePca(const MatrixView& matrix) {
  ASSIGN_OR_RETURN(gpu::Stream stream, gpu::Stream::Create());
  ASSIGN_OR_RETURN(gpu::BlasHandle blas, gpu::BlasHandle::Create(stream));
  auto pca = std::make_unique<DevicePcaOfMatrix>(matrix, std::move(stream), std::move(blas));
  RETURN_IF_ERROR(pca->Create());
  return std::unique_ptr<DevicePca>(std::move(pca));
}

}  // namespace spirogram::projector
