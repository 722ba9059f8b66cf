// What gpu/ itself asks of libspirogram_cuda.so: is there a usable device? And to wake it.
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

// Makes the context of device 0 and what cuBLAS needs, where they are not there yet. What fails is
// for the one who computes to meet, in words of what was computed.
using WakeFunction = void (*)();

inline constexpr char kWakeSymbol[] = "spirogram_gpu_wake";

}  // namespace spirogram::gpu
