// The one function that gpu/ itself asks of libspirogram_cuda.so: is there a usable device?
#pragma once

#include <cstddef>

namespace spirogram::gpu {

struct ProbeAnswer {
  char name[256];
  int compute_capability;
  size_t memory_bytes;
};

// Fills `answer` for device 0 and returns nullptr, or returns why there is none (a static string).
using ProbeFunction = const char* (*)(ProbeAnswer* answer);

inline constexpr char kProbeSymbol[] = "spirogram_gpu_probe";

}  // namespace spirogram::gpu
