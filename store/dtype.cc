#include "store/dtype.h"

#include <string>

#include "base/str.h"
#include "store/tensor_value.h"

namespace spirogram::store {
namespace {

struct DtypeRow {
  uint64_t dtype;
  std::string_view name;
  size_t bytes;
  bool is_real;
};

constexpr DtypeRow kRows[] = {
    {kFloat, "float32", 4, true},
    {kDouble, "float64", 8, true},
    {kInt32, "int32", 4, true},
    {kUint8, "uint8", 1, true},
    {kInt16, "int16", 2, true},
    {kInt8, "int8", 1, true},
    {kString, "string", 0, false},
    {kComplex64, "complex64", 8, false},
    {kInt64, "int64", 8, true},
    {kBool, "bool", 1, true},
    {kQint8, "qint8", 1, false},
    {kQuint8, "quint8", 1, false},
    {kQint32, "qint32", 4, false},
    {kBfloat16, "bfloat16", 2, true},
    {kQint16, "qint16", 2, false},
    {kQuint16, "quint16", 2, false},
    {kUint16, "uint16", 2, true},
    {kComplex128, "complex128", 16, false},
    {kHalf, "float16", 2, true},
    {kUint32, "uint32", 4, true},
    {kUint64, "uint64", 8, true},
    {kFloat8E5m2, "float8_e5m2", 1, false},
    {kFloat8E4m3, "float8_e4m3fn", 1, false},
};

const DtypeRow* FindRow(uint64_t dtype) {
  for (const DtypeRow& row : kRows) {
    if (row.dtype == dtype) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view KnownDtypeName(uint64_t dtype) {
  const DtypeRow* row = FindRow(dtype);
  return row == nullptr ? std::string_view() : row->name;
}

size_t BytesPerElement(uint64_t dtype) {
  const DtypeRow* row = FindRow(dtype);
  return row == nullptr ? 0 : row->bytes;
}

bool IsRealDtype(uint64_t dtype) {
  const DtypeRow* row = FindRow(dtype);
  return row != nullptr && row->is_real;
}

std::string DtypeName(int dtype) {
  const std::string_view name = dtype < 0 ? "" : KnownDtypeName(static_cast<uint64_t>(dtype));
  return name.empty() ? StrCat("dtype ", dtype) : std::string(name);
}

}  // namespace spirogram::store
