// The one of CUB's sorts that we use.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda_runtime.h"

namespace cub {

struct DeviceRadixSort {
  template <typename Key, typename Value>
  static cudaError_t SortPairs(void* scratch, size_t& bytes, const Key* keys_in, Key* keys_out,
                               const Value* values_in, Value* values_out, int64_t count, int, int,
                               cudaStream_t stream) {
    if (scratch == nullptr) {
      bytes = 1;
      return cudaSuccess;
    }
    spirogram::cuda_on_cpu::Enqueue(stream, [=] {
      std::vector<int64_t> order(static_cast<size_t>(count));
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(),
                       [keys_in](int64_t a, int64_t b) { return keys_in[a] < keys_in[b]; });
      for (int64_t at = 0; at < count; ++at) {
        keys_out[at] = keys_in[order[static_cast<size_t>(at)]];
        values_out[at] = values_in[order[static_cast<size_t>(at)]];
      }
    });
    return spirogram::cuda_on_cpu::TheDevice().last_error;  // as CUB does, whoever's it is
  }
};

}  // namespace cub
