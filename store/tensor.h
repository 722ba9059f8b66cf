// A TensorProto (proto/tensor.proto) as numbers or texts. The payload is `tensor_content` (raw,
// little-endian) or the typed list of the dtype; a list of length 1 fills the whole shape; no shape
// means rank 0. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/tensor_value.h"

namespace spirogram::store {

// The single number of a tensor with one element, of any numeric dtype. Allocates nothing on
// success.
Result<double> ParseScalarTensor(std::string_view bytes);

// Both sides of what float64 does to the integer of a scalar tensor, for a message; nothing where
// it keeps it, as it does up to 2^53.
std::optional<std::string> RoundedInteger(std::string_view bytes);

// True for a tensor of any numeric dtype with exactly one element.
bool IsScalarTensor(std::string_view bytes);

template <typename T>
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<T> values;  // row-major, as many as the shape holds
};

// Any numeric dtype as float64, or as float32.
Result<Tensor<double>> ParseDoubleTensor(std::string_view bytes);
Result<Tensor<float>> ParseFloatTensor(std::string_view bytes);
// Appends the sizes of a TensorShapeProto; false where it is malformed.
bool ParseShape(std::string_view bytes, std::vector<int64_t>* shape);
// Any dtype, as it is on the wire. A typed list is packed as `tensor_content` would be.
Result<TensorInfo> ParseTensorInfo(std::string_view bytes);
Result<TensorValue> ParseTensorValue(std::string_view bytes);
// Elements of a real dtype as `tensor_content` holds them, as float or double. REQUIRES: `content`
// is whole elements.
template <typename T>
std::vector<T> NumbersOfContent(uint64_t dtype, std::string_view content);
// The typed list of a real dtype, of a TensorProto that says neither dtype nor shape. kCorruption
// unless it holds `count` numbers.
Result<std::vector<float>> ParseListedNumbers(uint64_t dtype, std::string_view bytes,
                                              uint64_t count);
// DT_STRING; the texts point into `bytes`.
Result<Tensor<std::string_view>> ParseStringTensor(std::string_view bytes);

}  // namespace spirogram::store
