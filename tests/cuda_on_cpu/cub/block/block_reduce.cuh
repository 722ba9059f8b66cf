// CUB's sum over a block.
#pragma once

#include "cuda_runtime.h"

namespace cub {

template <typename T, int kThreads>
class BlockReduce {
 public:
  struct TempStorage {
    T values[kThreads];
  };

  explicit BlockReduce(TempStorage& storage) : storage_(storage) {}

  // For thread 0; the others get what is theirs to ignore. REQUIRES: all threads of the block.
  T Sum(T value) {
    storage_.values[threadIdx.x] = value;
    __syncthreads();
    if (threadIdx.x > 0) return T(-1);
    T sum = 0;
    for (const T& part : storage_.values) sum += part;
    return sum;
  }

 private:
  TempStorage& storage_;
};

}  // namespace cub
