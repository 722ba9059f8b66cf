// Tensors of plugins that this version does not know, as the store answers them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"

namespace spirogram::store {

struct TensorInfo {
  Step step = 0;
  WallTime wall_time = 0;
  int repeat = 0;              // of the step's values (answers.h)
  int dtype = 0;               // TensorFlow's DataType; 7 is DT_STRING
  std::vector<int64_t> shape;  // empty for rank 0
  uint64_t bytes = 0;          // of the logged message
};

// "float32", "bfloat16", "string", ...: NumPy's names where it has one; "dtype 99" for others.
std::string DtypeName(int dtype);

struct TensorValue {
  TensorInfo info;
  std::string data;                  // numbers: row-major, little-endian, packed
  std::vector<std::string> strings;  // DT_STRING: row-major, as logged (not always UTF-8)
};

}  // namespace spirogram::store
