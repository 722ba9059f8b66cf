// The one function that trainer/ asks of libspirogram_cuda.so. Plain C++.
#pragma once

#include "base/result.h"
#include "trainer/backend.h"

namespace spirogram::trainer {

// A new backend on device 0 that the caller deletes, or nullptr with the reason in `error`.
using BackendFactory = Backend* (*)(Error* error);

inline constexpr char kBackendFactorySymbol[] = "spirogram_trainer_backend";

}  // namespace spirogram::trainer
