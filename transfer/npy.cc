#include "transfer/npy.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kStringBytesMax = size_t{256} << 20;
constexpr size_t kAlignment = 64;

std::string_view DescrOf(std::string_view dtype) {
  constexpr std::pair<std::string_view, std::string_view> kDescrs[] = {
      {"float32", "<f4"},   {"float64", "<f8"},     {"float16", "<f2"}, {"int8", "|i1"},
      {"uint8", "|u1"},     {"int16", "<i2"},       {"uint16", "<u2"},  {"int32", "<i4"},
      {"uint32", "<u4"},    {"int64", "<i8"},       {"uint64", "<u8"},  {"bool", "|b1"},
      {"complex64", "<c8"}, {"complex128", "<c16"}, {"qint8", "|i1"},   {"quint8", "|u1"},
      {"qint16", "<i2"},    {"quint16", "<u2"},     {"qint32", "<i4"},  {"bfloat16", "<f4"},
  };
  for (const auto& [name, descr] : kDescrs) {
    if (name == dtype) return descr;
  }
  return {};
}

// "(2, 3)", "(5,)", "()"
std::string ShapeText(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += StrCat(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string Assemble(std::string_view descr, const std::vector<int64_t>& shape,
                     std::string_view data) {
  std::string header =
      StrCat("{'descr': '", descr, "', 'fortran_order': False, 'shape': ", ShapeText(shape), ", }");
  constexpr size_t kPrefix = 10;  // magic, version, length
  header.append((kAlignment - (kPrefix + header.size() + 1) % kAlignment) % kAlignment, ' ');
  header.push_back('\n');
  std::string out("\x93NUMPY\x01\x00", 8);
  out.push_back(static_cast<char>(header.size() & 255));
  out.push_back(static_cast<char>(header.size() >> 8));
  return StrCat(out, header, data);
}

// A bfloat16 is the upper half of a float32.
std::string WidenBfloat16(std::string_view data) {
  std::string out;
  out.reserve(data.size() * 2);
  for (size_t i = 0; i + 2 <= data.size(); i += 2) {
    out.append(2, '\0');
    out.append(data.substr(i, 2));
  }
  return out;
}

Result<std::string> StringsToNpy(const store::TensorValue& tensor) {
  size_t width = 1;
  for (const std::string& text : tensor.strings) width = std::max(width, text.size());
  if (!tensor.strings.empty() && width > kStringBytesMax / tensor.strings.size()) {
    return Exhausted(StrCat(tensor.strings.size(), " texts of up to ", width,
                            " bytes: want at most ", kStringBytesMax, " bytes in all"));
  }
  std::string data;
  data.reserve(width * tensor.strings.size());
  for (const std::string& text : tensor.strings) {
    data += text;
    data.append(width - text.size(), '\0');
  }
  return Assemble(StrCat("|S", width), tensor.info.shape, data);
}

}  // namespace

Result<std::string> ToNpy(const store::TensorValue& tensor) {
  // Version 1.0 has 16 bits for the header's length.
  if (tensor.info.shape.size() > 1000) {
    return InvalidArgument("a rank over 1000 has no form in NumPy");
  }
  const std::string dtype = store::DtypeName(tensor.info.dtype);
  if (dtype == "string") return StringsToNpy(tensor);
  const std::string_view descr = DescrOf(dtype);
  if (descr.empty()) return InvalidArgument(StrCat(dtype, " has no form in NumPy"));
  if (dtype == "bfloat16") return Assemble(descr, tensor.info.shape, WidenBfloat16(tensor.data));
  return Assemble(descr, tensor.info.shape, tensor.data);
}

}  // namespace spirogram::transfer
