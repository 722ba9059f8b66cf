// Reads the records that nearly all are: one scalar and its step, tag and wall time. A generic
// parse of every field costs several times as much, and a cold load is made of these records.
#pragma once

#include <string_view>

#include "base/types.h"

namespace spirogram::store {

struct PlainScalar {
  double wall_time = 0;  // as written: may be NaN or infinite
  Step step = 0;
  std::string_view tag;  // points into the record
  double value = 0;
};

// False for any record but an event whose fields stand in the order of their numbers, as all
// writers put them, with a single value: a `simple_value`, or a float32 or float64 tensor of rank
// 0, with or without metadata. ParseEvent reads the rest, and these to the same values.
bool ParsePlainScalar(std::string_view record, PlainScalar* scalar);

}  // namespace spirogram::store
