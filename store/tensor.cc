#include "store/tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "store/dtype.h"
#include "store/tensor_element.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

// A list of one value may fill at most this many elements: the file did not pay for them with
// bytes.
constexpr uint64_t kFilledElementsMax = uint64_t{1} << 20;
// Of texts less, and of this many bytes together: each may be a row of the database, and a copy.
constexpr uint64_t kFilledTextsMax = 1'000;
constexpr uint64_t kFilledTextBytesMax = uint64_t{1} << 20;

struct TensorFields {
  uint64_t dtype = 0;
  std::string_view shape;
  std::string_view content;
  bool has_content = false;
  bool is_valid = true;
};

TensorFields ReadFields(std::string_view bytes) {
  TensorFields fields;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint)) fields.dtype = reader.number();
    if (reader.Is(2, Type::kBytes)) fields.shape = reader.bytes();
    if (reader.Is(4, Type::kBytes)) {
      fields.content = reader.bytes();
      fields.has_content = !fields.content.empty();
    }
  }
  fields.is_valid = reader.ok();
  return fields;
}

// Calls `on_dim` with each dimension's size; false when the shape is malformed.
template <typename OnDim>
bool ForEachDim(std::string_view shape, OnDim&& on_dim) {
  WireReader reader(shape);
  while (reader.Next()) {
    if (!reader.Is(2, Type::kBytes)) continue;
    int64_t size = 0;
    WireReader dim(reader.bytes());
    while (dim.Next()) {
      if (dim.Is(1, Type::kVarint)) size = static_cast<int64_t>(dim.number());
    }
    if (!dim.ok() || size < 0) return false;
    on_dim(size);
  }
  return reader.ok();
}

// Elements of the shape, or nothing when it is malformed or beyond any file.
bool CountElements(std::string_view shape, uint64_t* count) {
  bool fits = true;
  *count = 1;
  const bool is_valid = ForEachDim(shape, [&](int64_t size) {
    fits = fits && !__builtin_mul_overflow(*count, static_cast<uint64_t>(size), count);
  });
  return is_valid && fits;
}

// Calls `on_value` with each number of the typed list, packed or not; false when it is malformed.
template <typename OnValue>
bool ForEachListed(std::string_view bytes, uint64_t dtype, OnValue&& on_value) {
  const uint32_t field = ListField(dtype);
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() != field) continue;
    if (reader.type() == Type::kBytes) {
      WireReader packed(reader.bytes());
      while (packed.has_rest()) {
        if (dtype == kFloat) {
          on_value(static_cast<double>(packed.ReadFixed<float>()));
        } else if (dtype == kDouble) {
          on_value(packed.ReadFixed<double>());
        } else {
          on_value(ListElement(dtype, packed.ReadVarint()));
        }
      }
      if (!packed.ok()) return false;
    } else if (dtype == kFloat) {
      on_value(static_cast<double>(reader.fixed32_float()));
    } else if (dtype == kDouble) {
      on_value(reader.fixed64_double());
    } else {
      on_value(ListElement(dtype, reader.number()));
    }
  }
  return reader.ok();
}

Error BadTensor(std::string_view why) {
  return Corruption(StrCat("tensor: ", why));
}

std::string NameOf(uint64_t dtype) {
  const std::string_view name = KnownDtypeName(dtype);
  return name.empty() ? StrCat("dtype ", dtype) : std::string(name);
}

Error NotReal(uint64_t dtype) {
  return BadTensor(StrCat(NameOf(dtype), " is not a real number"));
}

template <typename T>
Status FillShape(std::string_view shape_bytes, uint64_t count, Tensor<T>* tensor) {
  ParseShape(shape_bytes, &tensor->shape);
  if (tensor->values.size() == count) return {};
  if (tensor->values.size() != 1 || count > kFilledElementsMax) {
    return BadTensor(StrCat("got ", tensor->values.size(), " values, want ", count));
  }
  tensor->values.resize(count, T(tensor->values[0]));
  return {};
}

template <typename T>
Result<Tensor<T>> ParseNumbers(std::string_view bytes) {
  const TensorFields fields = ReadFields(bytes);
  const size_t width = IsRealDtype(fields.dtype) ? BytesPerElement(fields.dtype) : 0;
  uint64_t count = 0;
  if (!fields.is_valid) return BadTensor("malformed message");
  if (width == 0) return NotReal(fields.dtype);
  if (!CountElements(fields.shape, &count)) return BadTensor("malformed shape");
  Tensor<T> tensor;
  if (fields.has_content) {
    const uint64_t elements = fields.content.size() / width;
    if (elements != count || elements * width != fields.content.size()) {
      return BadTensor(StrCat("got ", fields.content.size(), " content bytes for ", count,
                              " elements of ", width));
    }
    tensor.values.resize(count);
    for (uint64_t i = 0; i < count; ++i) {
      tensor.values[i] =
          static_cast<T>(ContentElement(fields.dtype, fields.content.data() + i * width));
    }
  } else if (!ForEachListed(bytes, fields.dtype,
                            [&](double v) { tensor.values.push_back(static_cast<T>(v)); })) {
    return BadTensor("malformed list");
  }
  RETURN_IF_ERROR(FillShape(fields.shape, count, &tensor));
  return tensor;
}

// Complex numbers are listed as real and imaginary part after each other.
bool IsComplex(uint64_t dtype) {
  return dtype == kComplex64 || dtype == kComplex128;
}

// Whether the list holds the elements as `tensor_content` does, not as varints: of float8 the list
// is one field of bytes.
bool IsFixed(uint64_t dtype) {
  return dtype == kFloat || dtype == kDouble || IsComplex(dtype) || dtype == kFloat8E5m2 ||
         dtype == kFloat8E4m3;
}

// Appends each number of the typed list in the form that `tensor_content` has.
bool AppendListed(std::string_view bytes, uint64_t dtype, size_t width, std::string* out) {
  const uint32_t field = ListField(dtype);
  const auto append = [&](const auto& number, size_t count) {
    out->append(reinterpret_cast<const char*>(&number), count);
  };
  const bool is_fixed = IsFixed(dtype);
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() != field) continue;
    if (reader.type() == Type::kBytes && is_fixed) {
      if (reader.bytes().size() % (IsComplex(dtype) ? width / 2 : width) != 0) return false;
      out->append(reader.bytes());
    } else if (reader.type() == Type::kBytes) {
      WireReader packed(reader.bytes());
      while (packed.has_rest()) append(packed.ReadVarint(), width);
      if (!packed.ok()) return false;
    } else if (reader.type() == Type::kFixed32) {
      append(reader.fixed32_float(), sizeof(float));
    } else if (reader.type() == Type::kFixed64) {
      append(reader.fixed64_double(), sizeof(double));
    } else if (is_fixed) {
      return false;
    } else {
      append(reader.number(), width);
    }
  }
  return reader.ok();
}

Status PackList(std::string_view bytes, uint64_t dtype, size_t width, uint64_t count,
                std::string* out) {
  if (!AppendListed(bytes, dtype, width, out) || out->size() % width != 0) {
    return BadTensor("malformed list");
  }
  const uint64_t listed = out->size() / width;
  if (listed == count) return {};
  if (listed != 1 || count > kFilledElementsMax) {
    return BadTensor(StrCat("got ", listed, " values, want ", count));
  }
  const std::string element = *out;
  out->clear();
  for (uint64_t i = 0; i < count; ++i) out->append(element);
  return {};
}

}  // namespace

bool ParseShape(std::string_view bytes, std::vector<int64_t>* shape) {
  return ForEachDim(bytes, [shape](int64_t size) { shape->push_back(size); });
}

Result<double> ParseScalarTensor(std::string_view bytes) {
  const TensorFields fields = ReadFields(bytes);
  const size_t width = IsRealDtype(fields.dtype) ? BytesPerElement(fields.dtype) : 0;
  uint64_t count = 0;
  if (!fields.is_valid) return BadTensor("malformed message");
  if (width == 0) return NotReal(fields.dtype);
  if (!CountElements(fields.shape, &count) || count != 1) {
    return BadTensor("a scalar has exactly one element");
  }
  if (fields.has_content) {
    if (fields.content.size() != width) return BadTensor("content is not one element");
    return ContentElement(fields.dtype, fields.content.data());
  }
  size_t values = 0;
  double value = 0;
  const bool is_valid = ForEachListed(bytes, fields.dtype, [&](double v) {
    value = v;
    ++values;
  });
  if (!is_valid || values != 1) return BadTensor(StrCat("got ", values, " values, want 1"));
  return value;
}

std::optional<std::string> RoundedInteger(std::string_view bytes) {
  const Result<TensorValue> tensor = ParseTensorValue(bytes);
  if (!tensor.ok() || tensor->data.size() != sizeof(int64_t)) return std::nullopt;
  const auto describe = [&](auto exact) -> std::optional<std::string> {
    using Integer = decltype(exact);
    std::memcpy(&exact, tensor->data.data(), sizeof exact);
    const auto kept = static_cast<double>(exact);
    // The largest integers round up to a power of two that is none of them.
    const bool is_inside = kept < std::ldexp(1.0, std::numeric_limits<Integer>::digits);
    if (is_inside && static_cast<Integer>(kept) == exact) return std::nullopt;
    return StrCat("got ", exact, ", kept as the float64 ", kept);
  };
  if (tensor->info.dtype == kInt64) return describe(int64_t{});
  if (tensor->info.dtype == kUint64) return describe(uint64_t{});
  return std::nullopt;
}

Result<TensorInfo> ParseTensorInfo(std::string_view bytes) {
  const TensorFields fields = ReadFields(bytes);
  uint64_t count = 0;
  if (!fields.is_valid) return BadTensor("malformed message");
  if (fields.dtype > INT32_MAX) return BadTensor(StrCat("dtype ", fields.dtype));
  if (!CountElements(fields.shape, &count)) return BadTensor("malformed shape");
  TensorInfo info;
  info.dtype = static_cast<int>(fields.dtype);
  ParseShape(fields.shape, &info.shape);
  info.bytes = bytes.size();
  return info;
}

bool IsScalarTensor(std::string_view bytes) {
  return ParseScalarTensor(bytes).ok();
}

Result<Tensor<double>> ParseDoubleTensor(std::string_view bytes) {
  return ParseNumbers<double>(bytes);
}

Result<Tensor<float>> ParseFloatTensor(std::string_view bytes) {
  return ParseNumbers<float>(bytes);
}

template <typename T>
std::vector<T> NumbersOfContent(uint64_t dtype, std::string_view content) {
  const size_t width = BytesPerElement(dtype);
  std::vector<T> numbers(content.size() / width);
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<T>(ContentElement(dtype, content.data() + i * width));
  }
  return numbers;
}

template std::vector<float> NumbersOfContent(uint64_t dtype, std::string_view content);
template std::vector<double> NumbersOfContent(uint64_t dtype, std::string_view content);

Result<std::vector<float>> ParseListedNumbers(uint64_t dtype, std::string_view bytes,
                                              uint64_t count) {
  std::vector<float> numbers;
  numbers.reserve(std::min<uint64_t>(count, bytes.size()));  // a number takes a byte at least
  uint64_t listed = 0;
  const bool is_valid = ForEachListed(bytes, dtype, [&](double number) {
    if (++listed <= count) numbers.push_back(static_cast<float>(number));
  });
  if (!is_valid) return BadTensor("malformed list");
  if (listed != count) return BadTensor(StrCat("got ", listed, " values, want ", count));
  return numbers;
}

Result<Tensor<std::string_view>> ParseStringTensor(std::string_view bytes) {
  const TensorFields fields = ReadFields(bytes);
  uint64_t count = 0;
  if (!fields.is_valid) return BadTensor("malformed message");
  if (fields.dtype != kString) return BadTensor(StrCat(NameOf(fields.dtype), " is not a string"));
  if (!CountElements(fields.shape, &count)) return BadTensor("malformed shape");
  Tensor<std::string_view> tensor;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(8, Type::kBytes)) tensor.values.push_back(reader.bytes());
  }
  const bool is_filled = tensor.values.size() == 1 && count > 1;
  if (is_filled &&
      (count > kFilledTextsMax || tensor.values[0].size() > kFilledTextBytesMax / count)) {
    return BadTensor(
        StrCat("got 1 text of ", tensor.values[0].size(), " bytes, want ", count, " texts"));
  }
  RETURN_IF_ERROR(FillShape(fields.shape, count, &tensor));
  return tensor;
}

Result<TensorValue> ParseTensorValue(std::string_view bytes) {
  TensorValue value;
  ASSIGN_OR_RETURN(value.info, ParseTensorInfo(bytes));
  const TensorFields fields = ReadFields(bytes);
  if (fields.dtype == kString) {
    ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(bytes));
    value.strings.assign(tensor.values.begin(), tensor.values.end());
    return value;
  }
  const size_t width = BytesPerElement(fields.dtype);
  uint64_t count = 0;
  if (width == 0) return BadTensor(StrCat(NameOf(fields.dtype), " has no known size"));
  if (!CountElements(fields.shape, &count)) return BadTensor("malformed shape");
  if (fields.has_content) {
    if (fields.content.size() / width != count || fields.content.size() % width != 0) {
      return BadTensor(StrCat("got ", fields.content.size(), " content bytes for ", count,
                              " elements of ", width));
    }
    value.data = fields.content;
    return value;
  }
  RETURN_IF_ERROR(PackList(bytes, fields.dtype, width, count, &value.data));
  return value;
}

}  // namespace spirogram::store
