// OpenBLAS starts a thread per core before main, and each spins for 26 ms before it sleeps for
// good: time that the first files of a log directory need, on a machine of few cores. So the
// program has it start with none; the trainer asks for its own (trainer/cpu/backend.cc).
#include <cstdlib>

namespace {

// 101 is the first priority for programs; OpenBLAS's own constructor has none, so it comes later.
[[gnu::constructor(101)]] void StartWithoutBlasThreads() {
  setenv("OPENBLAS_NUM_THREADS", "1", /*overwrite=*/0);
}

}  // namespace
