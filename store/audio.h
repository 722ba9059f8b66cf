// Audio clips as the store answers them.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"

namespace spirogram::store {

// One clip of a step. Of WAV clips whose event does not say rate, channels and frames, they are
// read from the clip's own header; 0 where neither says it.
struct AudioClip {
  Step step = 0;
  WallTime wall_time = 0;
  int index = 0;           // among the clips of the value
  int repeat = 0;          // of the step's values (answers.h)
  double sample_rate = 0;  // Hz
  int64_t channels = 0;
  int64_t frames = 0;        // samples per channel
  std::string content_type;  // as logged, or told by the clip's first bytes; empty if unknown
  std::string label;         // valid UTF-8; empty without
  uint64_t bytes = 0;        // of the encoded clip
};

}  // namespace spirogram::store
