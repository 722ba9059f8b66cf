#include "diagnosis/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/str.h"

namespace spirogram::diagnosis {
namespace {

constexpr size_t kIdsShown = 12;

std::string WithDigits(double value, std::chars_format format, int digits) {
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, digits);
  return std::string(buffer.data(), end.ptr);
}

// "4.1e-08" is how C prints it; people write "4.1e-8".
std::string WithoutExponentZeros(std::string text) {
  const size_t e = text.find('e');
  if (e == std::string::npos) return text;
  const size_t digits = e + 2;
  while (digits + 1 < text.size() && text[digits] == '0') text.erase(digits, 1);
  if (text[e + 1] == '+') text.erase(e + 1, 1);
  return text;
}

}  // namespace

std::string Thousands(int64_t number) {
  std::string text = StrCat(number);
  const size_t sign = number < 0 ? 1 : 0;
  for (size_t end = text.size(); end > sign + 3;) {
    end -= 3;
    text.insert(end, ",");
  }
  return text;
}

std::string Counted(int64_t number, std::string_view noun) {
  return StrCat(Thousands(number), " ", noun, number == 1 ? "" : "s");
}

std::string_view IsAre(int64_t number) {
  return number == 1 ? "is" : "are";
}
std::string_view WasWere(int64_t number) {
  return number == 1 ? "was" : "were";
}

std::string Percent(double share) {
  if (!std::isfinite(share)) return "an unknown share";
  const double percent = share * 100;
  if (percent == 0 || percent == 100) return StrCat(static_cast<int>(percent), " %");
  if (percent > 99 && percent < 100) return percent > 99.9 ? "over 99.9 %" : "over 99 %";
  if (std::abs(percent) >= 10 && std::abs(percent) < 1e9) {
    return StrCat(Thousands(std::llround(percent)), " %");
  }
  return StrCat(Number(percent), " %");
}

std::string Decimals(double value, int digits) {
  std::string text = WithDigits(value, std::chars_format::fixed, digits);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 1e9 || size < 1e-4) {
    return WithoutExponentZeros(WithDigits(value, std::chars_format::scientific, 1));
  }
  if (size < 10) return WithDigits(value, std::chars_format::general, 2);
  // Two significant digits above ten: 23,456 reads as 23,000.
  const double unit = std::pow(10.0, std::floor(std::log10(size)) - 1);
  return Thousands(std::llround(std::round(value / unit) * unit));
}

std::string StepRange(Step first, Step last) {
  if (first >= last) return StrCat("step ", Thousands(last));
  return StrCat("steps ", Thousands(first), " to ", Thousands(last));
}

std::string IdList(std::span<const int64_t> ids, int64_t total) {
  if (ids.empty()) return "none";
  const size_t shown = std::min(ids.size(), kIdsShown);
  std::string text;
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == static_cast<size_t>(total) ? " and " : ", ";
    text += StrCat(ids[i]);
  }
  const int64_t more = total - static_cast<int64_t>(shown);
  return more > 0 ? StrCat(text, " and ", Thousands(more), " more") : text;
}

}  // namespace spirogram::diagnosis
