// OpenBLAS has threads of its own: they know no priority, no stop and no `--threads`, and each
// spins for a while after its work. So the projector calls BLAS from the threads of its pools, and
// has it stay there.
#pragma once

#include <cblas.h>

namespace spirogram::projector {

// From now on, and for the whole process: a training beside it in one process would have one thread
// too. Thread-safe.
inline void KeepBlasOnItsCaller() {
  openblas_set_num_threads(1);
}

}  // namespace spirogram::projector
