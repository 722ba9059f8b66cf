#include "store/tensor_element.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "store/dtype.h"

namespace spirogram::store {
namespace {

double HalfToDouble(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  double magnitude = 0;
  if (exponent == 31) {
    magnitude = fraction == 0 ? HUGE_VAL : std::nan("");
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(fraction + 1024, exponent - 25);
  }
  return (half >> 15) != 0 ? -magnitude : magnitude;
}

double BfloatToDouble(uint16_t bits) {
  return static_cast<double>(std::bit_cast<float>(uint32_t{bits} << 16));
}

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

}  // namespace

double ContentElement(uint64_t dtype, const char* p) {
  switch (dtype) {
    case kFloat:
      return static_cast<double>(Load<float>(p));
    case kDouble:
      return Load<double>(p);
    case kInt32:
      return Load<int32_t>(p);
    case kUint8:
    case kBool:
      return Load<uint8_t>(p);
    case kInt16:
      return Load<int16_t>(p);
    case kInt8:
      return Load<int8_t>(p);
    case kInt64:
      return static_cast<double>(Load<int64_t>(p));
    case kUint16:
      return Load<uint16_t>(p);
    case kUint32:
      return Load<uint32_t>(p);
    case kUint64:
      return static_cast<double>(Load<uint64_t>(p));
    case kHalf:
      return HalfToDouble(Load<uint16_t>(p));
    default:
      return BfloatToDouble(Load<uint16_t>(p));
  }
}

// The field number of a dtype's typed list.
uint32_t ListField(uint64_t dtype) {
  switch (dtype) {
    case kFloat:
      return 5;
    case kDouble:
      return 6;
    case kInt64:
      return 10;
    case kBool:
      return 11;
    case kComplex64:
      return 9;
    case kComplex128:
      return 12;
    case kHalf:
    case kBfloat16:
      return 13;
    case kUint32:
      return 16;
    case kUint64:
      return 17;
    case kFloat8E5m2:
    case kFloat8E4m3:
      return 18;
    default:
      return 7;
  }
}

double ListElement(uint64_t dtype, uint64_t varint) {
  switch (dtype) {
    case kHalf:
      return HalfToDouble(static_cast<uint16_t>(varint));
    case kBfloat16:
      return BfloatToDouble(static_cast<uint16_t>(varint));
    case kUint32:
      return static_cast<uint32_t>(varint);
    case kUint64:
      return static_cast<double>(varint);
    case kInt64:
      return static_cast<double>(static_cast<int64_t>(varint));
    case kBool:
      return varint != 0 ? 1 : 0;
    default:
      return static_cast<int32_t>(varint);
  }
}

}  // namespace spirogram::store
