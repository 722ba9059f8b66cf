#include "web/tensorboard/python_text.h"

#include <charconv>
#include <cmath>

#include "base/str.h"

namespace spirogram::web::tensorboard {
namespace {

// Python's float_repr_style: fixed notation while -4 <= exponent < 16.
constexpr int kFixedExponentMin = -4;
constexpr int kFixedExponentMax = 16;

void AppendExponent(int exponent, std::string* out) {
  const int magnitude = std::abs(exponent);
  out->append(exponent < 0 ? "e-" : "e+");
  if (magnitude < 10) out->push_back('0');
  out->append(StrCat(magnitude));
}

// `digits` without a point, the point after the first one times 10^exponent.
void AppendFixed(std::string_view digits, int exponent, std::string* out) {
  if (exponent < 0) {
    out->append("0.").append(static_cast<size_t>(-exponent - 1), '0').append(digits);
    return;
  }
  const size_t whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out->append(digits).append(whole - digits.size(), '0').append(".0");
  } else {
    out->append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
  }
}

}  // namespace

std::string PythonFloat(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end.ptr - buffer));
  std::string out;
  if (text.front() == '-') {
    out.push_back('-');
    text.remove_prefix(1);
  }
  const size_t mark = text.find('e');
  std::string digits(1, text.front());
  if (mark > 2) digits.append(text.substr(2, mark - 2));
  std::string_view exponent_text = text.substr(mark + 1);
  if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
  const int exponent = ParseNumber<int>(exponent_text).value_or(0);
  if (kFixedExponentMin <= exponent && exponent < kFixedExponentMax) {
    AppendFixed(digits, exponent, &out);
    return out;
  }
  out.push_back(digits.front());
  if (digits.size() > 1) out.append(".").append(digits.substr(1));
  AppendExponent(exponent, &out);
  return out;
}

std::string PythonRepr(std::string_view name) {
  const std::string text = Excerpt(name);
  const bool has_single = text.find('\'') != std::string::npos;
  const char quote = has_single && text.find('"') == std::string::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out.append({'\\', c});
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out.append("\\x").append(Hex32(static_cast<unsigned char>(c)).substr(8));
    } else {
      out.push_back(c);
    }
  }
  out.push_back(quote);
  return out;
}

std::string PythonRepr(const std::string* text) {
  return text == nullptr ? "None" : PythonRepr(std::string_view(*text));
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

}  // namespace spirogram::web::tensorboard
