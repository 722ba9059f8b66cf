// The one of CUB's scans that we use.
#pragma once

#include "cuda_runtime.h"

namespace cub {

struct DeviceScan {
  template <typename In, typename Out>
  static cudaError_t ExclusiveSum(void* scratch, size_t& bytes, const In* in, Out* out,
                                  int64_t count, cudaStream_t stream) {
    if (scratch == nullptr) {
      bytes = 1;
      return cudaSuccess;
    }
    spirogram::cuda_on_cpu::Enqueue(stream, [=] {
      Out sum = 0;
      for (int64_t at = 0; at < count; ++at) {
        const Out value = in[at];  // may be in place
        out[at] = sum;
        sum += value;
      }
    });
    return spirogram::cuda_on_cpu::TheDevice().last_error;  // as CUB does, whoever's it is
  }
};

}  // namespace cub
