#include "gpu/library.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "base/str.h"
#include "gpu/probe.h"

namespace spirogram::gpu {
namespace {

constexpr char kFileName[] = "libspirogram_cuda.so";
constexpr char kDriverName[] = "libcuda.so.1";

// Beside the running program: a folder of built programs can be moved as a whole.
std::filesystem::path PathBesideProgram() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return program.parent_path() / kFileName;
}

}  // namespace

Result<Library> LoadLibrary() {
  const auto path = PathBesideProgram();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return Unavailable(StrCat("this build has no CUDA backend (", path.string(), " is missing)"));
  }
  // The backend brings cuBLAS and cuFFT, 150 MB of a server's memory: without the driver, which it
  // loads by the same name, it could only say that there is none.
  if (dlopen(kDriverName, RTLD_LAZY | RTLD_LOCAL) == nullptr) {
    return Unavailable(StrCat("no usable GPU: no NVIDIA driver (", kDriverName, " is missing)"));
  }
  Library library;
  library.handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library.handle_ == nullptr) {
    return Unavailable(
        StrCat("the CUDA backend does not load: ", dlerror(),
               " (it wants cuBLAS 13 and cuFFT 12; LD_LIBRARY_PATH may name where)"));
  }
  const auto probe = reinterpret_cast<ProbeFunction>(library.Symbol(kProbeSymbol));
  if (probe == nullptr) return Internal(StrCat(path.string(), " does not export ", kProbeSymbol));
  ProbeAnswer answer{};
  if (const char* reason = probe(&answer); reason != nullptr) {
    return Unavailable(StrCat("no usable GPU: ", reason));
  }
  library.device_ = {answer.name, answer.compute_capability, answer.memory_bytes};
  return library;
}

const Result<Library>& Library::Get() {
  static const Result<Library> library = LoadLibrary();
  return library;
}

void* Library::Symbol(const char* name) const {
  return dlsym(handle_, name);
}

}  // namespace spirogram::gpu
