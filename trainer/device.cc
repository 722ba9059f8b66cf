#include "trainer/device.h"

#include <utility>

#include "base/str.h"
#include "gpu/library.h"
#include "trainer/cpu/backend.h"
#include "trainer/cuda/factory.h"

namespace spirogram::trainer {
namespace {

Status FindCudaBackend(BackendFactory* open) {
  const Result<gpu::Library>& library = gpu::Library::Get();
  if (!library.ok()) return library.error();
  *open = reinterpret_cast<BackendFactory>(library->Symbol(kBackendFactorySymbol));
  if (*open == nullptr) {
    return Internal(StrCat("the CUDA backend does not export ", kBackendFactorySymbol));
  }
  return {};
}

Result<std::unique_ptr<Backend>> OpenCudaBackend() {
  BackendFactory open = nullptr;
  RETURN_IF_ERROR(FindCudaBackend(&open));
  Error error;
  std::unique_ptr<Backend> backend(open(&error));
  if (backend == nullptr) return error;
  return backend;
}

}  // namespace

Status CheckDevice(Device device) {
  if (device != Device::kCuda) return {};  // there always is a CPU
  BackendFactory open = nullptr;
  return FindCudaBackend(&open);
}

Result<OpenedBackend> OpenBackend(Device device, int threads) {
  if (device == Device::kCpu) {
    return OpenedBackend{OpenCpuBackend(threads), false, "the CPU was asked for"};
  }
  Result<std::unique_ptr<Backend>> cuda = OpenCudaBackend();
  if (cuda.ok()) return OpenedBackend{std::move(cuda).value(), true, ""};
  if (device == Device::kCuda) return std::move(cuda).error();
  return OpenedBackend{OpenCpuBackend(threads), false, cuda.error().message};
}

}  // namespace spirogram::trainer
