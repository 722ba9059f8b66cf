// TensorFlow's DataType codes (proto/tensor.proto): the ones that event files hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spirogram::store {

enum Dtype : uint64_t {
  kFloat = 1,
  kDouble = 2,
  kInt32 = 3,
  kUint8 = 4,
  kInt16 = 5,
  kInt8 = 6,
  kString = 7,
  kComplex64 = 8,
  kInt64 = 9,
  kBool = 10,
  kQint8 = 11,
  kQuint8 = 12,
  kQint32 = 13,
  kBfloat16 = 14,
  kQint16 = 15,
  kQuint16 = 16,
  kUint16 = 17,
  kComplex128 = 18,
  kHalf = 19,
  kUint32 = 22,
  kUint64 = 23,
  kFloat8E5m2 = 24,
  kFloat8E4m3 = 25,
};

// NumPy's name, or TensorFlow's where NumPy has none; empty for codes that are not listed above.
std::string_view KnownDtypeName(uint64_t dtype);

// Of one element in `tensor_content`; 0 for strings and for codes that are not listed above.
size_t BytesPerElement(uint64_t dtype);

// Has a value on the real line: neither string nor complex nor quantized nor unknown.
bool IsRealDtype(uint64_t dtype);

}  // namespace spirogram::store
