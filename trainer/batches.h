// The order in which training samples are visited.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/random.h"

namespace spirogram::trainer {

// Endless batches of `batch` sample numbers below `count`, in an order that the seed decides and
// that is shuffled anew for each epoch. The rest of an epoch that does not fill a batch is skipped.
// REQUIRES: 0 < batch <= count.
class ShuffledBatches {
 public:
  ShuffledBatches(size_t count, size_t batch, uint64_t seed);

  // Valid until the next call.
  std::span<const uint32_t> Next();

 private:
  const size_t batch_;
  Random random_;
  std::vector<uint32_t> order_;
  size_t next_;
};

}  // namespace spirogram::trainer
