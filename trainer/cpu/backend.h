// The CPU twin. Matrix products use OpenBLAS on `threads` threads, everything else is a loop on the
// calling thread. The same calls give the same bits on every run with the same number of threads
// on the same kind of processor (OpenBLAS picks its kernels by processor).
#pragma once

#include <memory>

#include "trainer/backend.h"

namespace spirogram::trainer {

// OpenBLAS has one thread count per process: the last backend opened sets it. 0 means one thread
// per processor.
std::unique_ptr<Backend> OpenCpuBackend(int threads);

}  // namespace spirogram::trainer
