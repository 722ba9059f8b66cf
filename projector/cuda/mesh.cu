// The particle mesh: launches of the bodies of mesh_bodies.h around two transforms of cuFFT.
#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "base/str.h"
#include "projector/cuda/launch.h"
#include "projector/cuda/mesh.h"
#include "projector/influence.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "t-SNE on the device: repulsion";

Status FftStatus(cufftResult code, const char* what) {
  if (code == CUFFT_SUCCESS) return {};
  const std::string message = StrCat(kWhat, ": ", what, ": cuFFT error ", static_cast<int>(code));
  return code == CUFFT_ALLOC_FAILED ? Exhausted(message) : Internal(message);
}

int64_t Power(int64_t base, int exponent) {
  int64_t power = 1;
  for (int k = 0; k < exponent; ++k) power *= base;
  return power;
}

// A thread for each point: its charges, x innermost, to the nodes around it. While a map is small,
// and where it is dense, a warp's points, neighbours along the curve that orders them, lie in one
// cell: they are added up first, or tens of thousands would wait for one another at a few nodes.
template <int kDims>
__global__ void SpreadKernel(int64_t count, MeshShape shape, const DevicePoint<kDims>* points,
                             const MeshBox* box, unsigned long long* charges, int* is_outgrown) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kBlock + threadIdx.x;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const bool is_there = i < count;
  const MeshCell<kDims> cell(points[is_there ? i : count - 1], box->origin, shape);
  if (is_there && !cell.is_inside) *is_outgrown = 1;
  const int64_t plane = kDims == 3 ? cell.node[kDims - 1] * shape.size : 0;
  unsigned long long* corner = charges + (plane + cell.node[1]) * shape.size + cell.node[0];
  const auto first = __shfl_sync(kWholeWarp, reinterpret_cast<unsigned long long>(corner), 0);
  const bool is_with_first = is_there && reinterpret_cast<unsigned long long>(corner) == first;
  const bool is_one_cell = __ballot_sync(kWholeWarp, is_with_first) == kWholeWarp;
  if (!is_there) return;
  const PointCharges<kDims> own(cell);
  for (int c = 0; c < (kDims == 3 ? kSplineNodes : 1); ++c) {
    for (int b = 0; b < kSplineNodes; ++b) {
      unsigned long long* row = corner + (c * shape.size + b) * shape.size;
      for (int a = 0; a < kSplineNodes; ++a) {
        unsigned long long units = own.At(a, b, c);
        if (is_one_cell) units = WarpSum(units);
        // Of a sum that all lanes have, each lane adds another node's.
        if (!is_one_cell || lane == b * kSplineNodes + a) atomicAdd(row + a, units);
      }
    }
  }
}

template <typename T>
Status CopyIn(std::span<const T> from, DeviceBuffer<T>* to, cudaStream_t stream) {
  RETURN_IF_ERROR(to->Allocate(from.size()));
  return CudaStatus(
      cudaMemcpyAsync(to->data(), from.data(), to->bytes(), cudaMemcpyHostToDevice, stream), kWhat);
}

}  // namespace

int64_t MeshSizeMin(int64_t points, int dims) {
  constexpr int64_t kSizeMin = 64;
  const double side = std::pow(static_cast<double>(points), 1.0 / dims);
  const auto size = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(side)));
  return std::clamp(size, kSizeMin, MeshSizeMax(dims));
}

Status FftPlan::Make(int dims, int side, cufftType type, cudaStream_t stream) {
  RETURN_IF_ERROR(FftStatus(cufftCreate(&plan_), "create a plan"));
  is_made_ = true;
  size_t work_bytes = 0;
  const cufftResult code = dims == 2 ? cufftMakePlan2d(plan_, side, side, type, &work_bytes)
                                     : cufftMakePlan3d(plan_, side, side, side, type, &work_bytes);
  RETURN_IF_ERROR(FftStatus(code, "make a plan"));
  return FftStatus(cufftSetStream(plan_, stream), "set the stream");
}

template <int kDims>
int64_t MeshOnDevice<kDims>::PaddedSize() const {
  return Power(shape_.side(), kDims - 1) * 2 * (shape_.size + 1);
}

template <int kDims>
Status MeshOnDevice<kDims>::Prepare(const MeshPlan& plan, cudaStream_t stream) {
  if (plan.size != shape_.size) {
    const Status status = Resize(plan.size, stream);
    if (!status.ok()) {
      shape_.size = 0;
      return status;
    }
  }
  shape_.spacing = plan.spacing;
  shape_.inverse = static_cast<float>(1 / plan.spacing);
  RETURN_IF_ERROR(FillFactors(stream));
  return FillOwnPotential(stream);
}

template <int kDims>
Status MeshOnDevice<kDims>::Resize(int64_t size, cudaStream_t stream) {
  forward_ = FftPlan();  // all of the memory first
  inverse_ = FftPlan();
  charges_ = DeviceBuffer<unsigned long long>();
  padded_ = DeviceBuffer<float>();
  factors_ = DeviceBuffer<float>();
  own_potential_ = DeviceBuffer<float>();
  shape_.size = size;
  RETURN_IF_ERROR(charges_.Allocate(static_cast<size_t>(Power(size, kDims))));
  RETURN_IF_ERROR(padded_.Allocate(static_cast<size_t>(PaddedSize())));
  RETURN_IF_ERROR(factors_.Allocate(static_cast<size_t>(Power(size + 1, kDims))));
  RETURN_IF_ERROR(own_potential_.Allocate(static_cast<size_t>(Power(kSplineNodes, kDims))));
  const int side = static_cast<int>(shape_.side());
  RETURN_IF_ERROR(forward_.Make(kDims, side, CUFFT_R2C, stream));
  return inverse_.Make(kDims, side, CUFFT_C2R, stream);
}

template <int kDims>
Status MeshOnDevice<kDims>::FillFactors(cudaStream_t stream) {
  const Influence influence(kDims, shape_.size, shape_.spacing);
  DeviceBuffer<FrequencyImages> images;
  DeviceBuffer<double> bessel;
  RETURN_IF_ERROR(CopyIn(influence.images(), &images, stream));
  if constexpr (kDims == 2) RETURN_IF_ERROR(CopyIn(influence.bessel(), &bessel, stream));
  InfluenceTables tables = influence.tables();
  tables.images = images.data();
  tables.bessel = bessel.data();
  RETURN_IF_ERROR(ForEach(kWhat, PaddedSize(),
                          FillKernel<kDims>{shape_.size, shape_.spacing, padded_.data()}, stream));
  RETURN_IF_ERROR(FftStatus(
      cufftExecR2C(forward_.get(), padded_.data(), reinterpret_cast<cufftComplex*>(padded_.data())),
      "transform the kernel"));
  RETURN_IF_ERROR(ForEach(kWhat, Power(shape_.size + 1, kDims),
                          FillFactor<kDims>{shape_.size, tables, padded_.data(), factors_.data()},
                          stream));
  return CudaStatus(cudaStreamSynchronize(stream), kWhat);  // the tables are freed here
}

// By the same convolution as all else, so that what it folds in is taken off too.
template <int kDims>
Status MeshOnDevice<kDims>::FillOwnPotential(cudaStream_t stream) {
  RETURN_IF_ERROR(ForEach(kWhat, PaddedSize(), PlaceOneCharge{padded_.data()}, stream));
  RETURN_IF_ERROR(Convolve(stream));
  return ForEach(kWhat, Power(kSplineNodes, kDims),
                 CopyOwnPotential<kDims>{shape_.size, padded_.data(), own_potential_.data()},
                 stream);
}

template <int kDims>
Status MeshOnDevice<kDims>::Convolve(cudaStream_t stream) {
  auto* spectrum = reinterpret_cast<cufftComplex*>(padded_.data());
  RETURN_IF_ERROR(FftStatus(cufftExecR2C(forward_.get(), padded_.data(), spectrum), "transform"));
  RETURN_IF_ERROR(ForEach(kWhat, SpectrumSize(),
                          MultiplySpectrum<kDims>{shape_.size, factors_.data(), padded_.data()},
                          stream));
  return FftStatus(cufftExecC2R(inverse_.get(), spectrum, padded_.data()), "transform back");
}

template <int kDims>
Status MeshOnDevice<kDims>::Repulsion(const DevicePoint<kDims>* points, int64_t count,
                                      const MeshBox* box, DevicePoint<kDims>* forces,
                                      float* potentials, int* is_outgrown, cudaStream_t stream) {
  RETURN_IF_ERROR(CudaStatus(cudaMemsetAsync(charges_.data(), 0, charges_.bytes(), stream), kWhat));
  RETURN_IF_ERROR(Launch(kWhat, SpreadKernel<kDims>, BlocksFor(count, kBlock), stream, count,
                         shape_, points, box, charges_.data(), is_outgrown));
  RETURN_IF_ERROR(ForEach(kWhat, PaddedSize(),
                          PadCharges<kDims>{shape_.size, charges_.data(), padded_.data()}, stream));
  RETURN_IF_ERROR(Convolve(stream));
  return ForEach(kWhat, count,
                 GatherPoint<kDims>{shape_, points, box, padded_.data(), own_potential_.data(),
                                    forces, potentials},
                 stream);
}

template class MeshOnDevice<2>;
template class MeshOnDevice<3>;

}  // namespace spirogram::projector
