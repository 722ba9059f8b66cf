// In the place of gpu/library.cc: the backend is compiled into the program.
#include "gpu/library.h"

#include <dlfcn.h>

#include "gpu/probe.h"

namespace spirogram::gpu {

Result<Library> LoadLibrary() {
  Library library;
  library.handle_ = dlopen(nullptr, RTLD_NOW);
  const auto probe = reinterpret_cast<ProbeFunction>(library.Symbol(kProbeSymbol));
  if (probe == nullptr) return Internal("the program does not export its backend");
  ProbeAnswer answer{};
  if (const char* reason = probe(&answer); reason != nullptr) return Unavailable(reason);
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
