#include <chrono>

#include "gpu/library.h"
#include "gpu/probe.h"

namespace spirogram::gpu {

double WakeDevice() {
  const auto begin = std::chrono::steady_clock::now();
  if (const Result<Library>& library = Library::Get(); library.ok()) {
    const auto wake = reinterpret_cast<WakeFunction>(library->Symbol(kWakeSymbol));
    if (wake != nullptr) wake();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace spirogram::gpu
