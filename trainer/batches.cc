#include "trainer/batches.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace spirogram::trainer {

ShuffledBatches::ShuffledBatches(size_t count, size_t batch, uint64_t seed)
    : batch_(batch), random_(RandomStream(seed, "batches")), order_(count), next_(count) {
  CHECK(batch > 0 && batch <= count);
  std::iota(order_.begin(), order_.end(), 0u);
}

std::span<const uint32_t> ShuffledBatches::Next() {
  if (next_ + batch_ > order_.size()) {
    std::shuffle(order_.begin(), order_.end(), random_);
    next_ = 0;
  }
  const std::span<const uint32_t> batch(order_.data() + next_, batch_);
  next_ += batch_;
  return batch;
}

}  // namespace spirogram::trainer
