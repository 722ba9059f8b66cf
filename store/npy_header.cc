#include "store/npy_header.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/str.h"
#include "store/dtype.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

constexpr size_t kVersionAt = 6;
constexpr size_t kLengthAt = 8;
// Of a text that is another than expected.
constexpr size_t kShownMax = 20;

std::string_view TrimSpaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The value of a key in the literal dictionary: from behind the colon on.
std::string_view FindKey(std::string_view dictionary, std::string_view key) {
  const size_t at = dictionary.find(key);
  if (at == std::string_view::npos) return {};
  const size_t colon = dictionary.find(':', at + key.size());
  if (colon == std::string_view::npos) return {};
  return TrimSpaces(dictionary.substr(colon + 1));
}

// Of the little-endian type.
uint64_t DtypeOf(std::string_view value) {
  constexpr std::pair<std::string_view, Dtype> kTypes[] = {
      {"'<f4'", kFloat}, {"'<f8'", kDouble}, {"'<f2'", kHalf},  {"'|u1'", kUint8},
      {"'|i1'", kInt8},  {"'|b1'", kBool},   {"'<i2'", kInt16}, {"'<u2'", kUint16},
      {"'<i4'", kInt32}, {"'<u4'", kUint32}, {"'<i8'", kInt64}, {"'<u8'", kUint64},
  };
  for (const auto& [text, dtype] : kTypes) {
    if (value.starts_with(text)) return dtype;
  }
  return 0;
}

// "(57, 26)", "(57,)", "()"
std::optional<std::vector<int64_t>> ParseShape(std::string_view value) {
  const size_t end = value.find(')');
  if (!value.starts_with('(') || end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = TrimSpaces(value.substr(1, end - 1));
  std::vector<int64_t> shape;
  if (inside.empty()) return shape;
  std::vector<std::string_view> parts = Split(inside, ',');
  if (parts.size() > 1 && TrimSpaces(parts.back()).empty()) parts.pop_back();
  for (const std::string_view part : parts) {
    const auto size = ParseNumber<int64_t>(TrimSpaces(part));
    if (!size || *size < 0) return std::nullopt;
    shape.push_back(*size);
  }
  return shape;
}

Error Short(size_t got, size_t want) {
  return Corruption(
      StrCat(".npy: the header is not whole: got ", got, " bytes, want at least ", want));
}

struct Dictionary {
  std::string_view text;
  size_t end = 0;  // where the data begin
};

Result<Dictionary> FindDictionary(std::string_view bytes) {
  const size_t compared = std::min(bytes.size(), kNpyMagic.size());
  if (bytes.substr(0, compared) != kNpyMagic.substr(0, compared)) {
    return Corruption(".npy: the file does not begin with \\x93NUMPY");
  }
  if (bytes.size() < kLengthAt) return Short(bytes.size(), kLengthAt);
  const int version = static_cast<unsigned char>(bytes[kVersionAt]);
  if (version < 1 || version > 3) {
    return Corruption(StrCat(".npy: got version ", version, " of the format, want 1, 2 or 3"));
  }
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t begin = kLengthAt + length_bytes;
  if (bytes.size() < begin) return Short(bytes.size(), begin);
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kLengthAt, length_bytes);
  if (length > kNpyHeaderBytesMax - begin) {
    return Corruption(
        StrCat(".npy: a header of ", length, " bytes, want at most ", kNpyHeaderBytesMax - begin));
  }
  if (length > bytes.size() - begin) return Short(bytes.size(), begin + length);
  return Dictionary{bytes.substr(begin, length), begin + length};
}

}  // namespace

Result<NpyHeader> ParseNpyHeader(std::string_view bytes) {
  ASSIGN_OR_RETURN(const Dictionary dictionary, FindDictionary(bytes));
  NpyHeader header;
  header.data_offset = dictionary.end;
  const std::string_view descr = FindKey(dictionary.text, "'descr'");
  header.is_big_endian = descr.starts_with("'>");
  header.dtype = DtypeOf(header.is_big_endian ? StrCat("'<", descr.substr(2)) : std::string(descr));
  if (header.dtype == 0) {
    return Corruption(StrCat(".npy: got descr ",
                             ToValidUtf8(descr.substr(0, std::min(descr.find(','), kShownMax))),
                             ", want a real type as '<f4'"));
  }
  header.dtype_name = KnownDtypeName(header.dtype);
  header.element_bytes = BytesPerElement(header.dtype);
  const std::string_view order = FindKey(dictionary.text, "'fortran_order'");
  header.is_by_column = order.starts_with("True");
  if (!header.is_by_column && !order.starts_with("False")) {
    return Corruption(StrCat(".npy: got fortran_order ", ToValidUtf8(order.substr(0, 8)),
                             ", want True or False"));
  }
  const std::string_view shape_text = FindKey(dictionary.text, "'shape'");
  std::optional<std::vector<int64_t>> shape = ParseShape(shape_text);
  if (!shape) {
    return Corruption(StrCat(".npy: got shape ", ToValidUtf8(shape_text.substr(0, 32)),
                             ", want sizes in parentheses"));
  }
  header.shape = *std::move(shape);
  return header;
}

NpyHeader RawFloatHeader() {
  NpyHeader header;
  header.dtype = kFloat;
  header.dtype_name = KnownDtypeName(kFloat);
  header.element_bytes = sizeof(float);
  return header;
}

template <typename T>
std::vector<T> NpyNumbers(const NpyHeader& header, std::string_view data) {
  if (!header.is_big_endian) return NumbersOfContent<T>(header.dtype, data);
  std::string swapped(data);
  for (auto at = swapped.begin(); at != swapped.end();) {
    const auto end = at + static_cast<std::ptrdiff_t>(header.element_bytes);
    std::reverse(at, end);
    at = end;
  }
  return NumbersOfContent<T>(header.dtype, swapped);
}

template std::vector<float> NpyNumbers(const NpyHeader& header, std::string_view data);
template std::vector<double> NpyNumbers(const NpyHeader& header, std::string_view data);

}  // namespace spirogram::store
