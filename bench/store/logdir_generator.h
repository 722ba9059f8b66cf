// Writes log directories to measure with: records as TensorBoard's writers make them, the same
// bytes for the same shape and seed.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace spirogram::bench {

enum class ScalarStyle {
  kSimpleValue,  // PyTorch, tensorboardX, TensorFlow 1: `simple_value`, 53 to 62 bytes a record
  kTensor,       // TensorFlow 2: a rank-0 float tensor with metadata
  kFloat64,      // the same with a double
};

// Every run has one event file. Each step logs every tag of each kind in turn; steps last 5 ms,
// give or take 10 %, and the tags of a step follow each other by some 20 us, as `time.time()` shows
// it.
struct LogdirShape {
  int64_t runs = 1;
  int64_t steps = 1000;
  int64_t scalar_tags = 0;
  ScalarStyle scalar_style = ScalarStyle::kSimpleValue;
  int64_t histogram_tags = 0;
  int64_t histogram_buckets = 1000;
  int64_t image_tags = 0;
  int64_t image_bytes = 100'000;
  uint64_t seed = 1;
};

// What was written, for those who check what was read.
struct LogdirTotals {
  int64_t records = 0;
  uint64_t bytes = 0;
};

// Makes `folder` and the runs in it. Errors: those of the file system.
Result<LogdirTotals> WriteLogdir(const LogdirShape& shape, const std::string& folder);

}  // namespace spirogram::bench
